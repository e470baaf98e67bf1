# The bundled host as an ordinary container, for clusters without SpinKube: one static binary, spin.toml and the wasm.
#
#   docker build --file k8s/images/host.Dockerfile --tag registry.example.com/cinema-host:0.1.0 .
#   docker run --read-only --volume cinema:/var/lib/cinema --publish 8080:8080 registry.example.com/cinema-host:0.1.0
#
# The store and the compile cache are in the volume, and nothing else is written. Settings are SPIN_VARIABLE_<NAME> in the
# environment: --env SPIN_VARIABLE_AUTH_JWKS and so on, since docker's --env-file would keep the quotes of our .env.
# Certificates of the public authorities are inside the binary. To pin the base by digest, write
# rust:1.95.0-bookworm@sha256:…, as `docker buildx imagetools inspect` shows it.

FROM --platform=$BUILDPLATFORM rust:1.95.0-bookworm AS wasm
WORKDIR /build
COPY . .
RUN make wasm
RUN mkdir -p /app/target/wasm32-wasip1/release && \
    cp spin.toml /app && \
    cp target/wasm32-wasip1/release/*.wasm /app/target/wasm32-wasip1/release

# Native code is built on the processor it is for: Debian has no compiler of C to musl for another one.
FROM rust:1.95.0-bookworm AS host
ARG TARGETARCH
WORKDIR /build
# musl's compiler is for the C in the host: SQLite, ring and mimalloc. Its version is the one of the base's Debian.
# hadolint ignore=DL3008
RUN apt-get update && \
    apt-get install --yes --no-install-recommends musl-tools && \
    rm -rf /var/lib/apt/lists/*
RUN case "$TARGETARCH" in \
        amd64) echo x86_64-unknown-linux-musl ;; \
        arm64) echo aarch64-unknown-linux-musl ;; \
        *) echo "no host is built for '$TARGETARCH': it is amd64 or arm64" >&2; exit 1 ;; \
    esac > /target && \
    rustup target add "$(cat /target)"
COPY . .
RUN cargo build --locked --profile dist --package cinema --target "$(cat /target)" && \
    install -D "target/$(cat /target)/dist/cinema" /image/usr/bin/cinema && \
    install -d --mode=0700 /image/var/lib/cinema

FROM scratch
COPY --from=host /image/usr /usr
# A fresh volume takes the owner over from here.
COPY --from=host --chown=65532:65532 /image/var/lib/cinema /var/lib/cinema
COPY --from=wasm /app /app
# So that a pod may say `command: [cinema]`.
ENV PATH=/usr/bin
USER 65532:65532
VOLUME /var/lib/cinema
EXPOSE 8080
ENTRYPOINT ["/usr/bin/cinema", "up", "--from", "/app/spin.toml", "--listen", "0.0.0.0:8080", \
            "--state-dir", "/var/lib/cinema", "--log-format", "json"]
