# The application as SpinKube's shim takes it out of an image: spin.toml at the root, and the wasm where spin.toml says.
#
#   docker build --file k8s/images/app.Dockerfile --tag registry.example.com/cinema:0.1.0 .
#
# The shim loads it as `spin up` does, so it makes components of the modules and composes users with the recommender by itself.
# `make push` sends the same application as an OCI artifact, which SpinKube prefers: only such a one is compiled before its pods
# start. To pin the base by digest, write rust:1.95.0-bookworm@sha256:…, as `docker buildx imagetools inspect` shows it.

# WebAssembly is the same for every processor, so it is built on the builder's own.
FROM --platform=$BUILDPLATFORM rust:1.95.0-bookworm AS wasm
WORKDIR /build
COPY . .
RUN make wasm
RUN mkdir -p /app/target/wasm32-wasip1/release && \
    cp spin.toml /app && \
    cp target/wasm32-wasip1/release/*.wasm /app/target/wasm32-wasip1/release

FROM scratch
COPY --from=wasm /app /
