# The gateway from the Data API to MongoDB: one static binary.
#
#   docker build --file k8s/images/gateway.Dockerfile --tag registry.example.com/data-api-gateway:0.1.0 .
#   docker run --read-only --env GATEWAY_URI --volume ./gateway.toml:/etc/gateway/gateway.toml:ro --publish 8090:8090 \
#       registry.example.com/data-api-gateway:0.1.0
#   docker run registry.example.com/data-api-gateway:0.1.0 key new --name app --read 'shop.*'
#
# Nothing is written. To pin the base by digest, write
# rust:1.95.0-bookworm@sha256:…, as `docker buildx imagetools inspect` shows it.

# Native code is built on the processor it is for: Debian has no compiler of C to musl for another one.
FROM rust:1.95.0-bookworm AS gateway
ARG TARGETARCH
WORKDIR /build
# musl's compiler is for the C in the gateway: ring and mimalloc. Its version is the one of the base's Debian.
# hadolint ignore=DL3008
RUN apt-get update && \
    apt-get install --yes --no-install-recommends musl-tools && \
    rm -rf /var/lib/apt/lists/*
RUN case "$TARGETARCH" in \
        amd64) echo x86_64-unknown-linux-musl ;; \
        arm64) echo aarch64-unknown-linux-musl ;; \
        *) echo "no gateway is built for '$TARGETARCH': it is amd64 or arm64" >&2; exit 1 ;; \
    esac > /target && \
    rustup target add "$(cat /target)"
COPY . .
RUN cargo build --locked --profile dist --package gateway --target "$(cat /target)" && \
    install -D "target/$(cat /target)/dist/data-api-gateway" /image/usr/bin/data-api-gateway

FROM scratch
COPY --from=gateway /image/usr /usr
# The public authorities, for tokens whose keys are had by HTTPS; MongoDB's driver brings them along for itself.
COPY --from=gateway /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# So that a pod may say `command: [data-api-gateway]`.
ENV PATH=/usr/bin
USER 65532:65532
EXPOSE 8090
ENTRYPOINT ["/usr/bin/data-api-gateway"]
CMD ["serve", "--config", "/etc/gateway/gateway.toml", "--listen", "0.0.0.0:8090"]
