# Orderly in a container. Build: docker build -t orderly .
# Run:   docker run -d --name orderly --read-only --tmpfs /tmp --stop-timeout 30 \
#          -v /srv/orderly/config:/etc/orderly/config:ro -v /srv/orderly/templates:/etc/orderly/templates:ro \
#          -v orderly-data:/var/lib/orderly -v /srv/exchange:/exchange -e SMTP_PASSWORD orderly
# In orderly.yaml: "data: /var/lib/orderly", folders under /exchange. The data volume must be a local disk.
# Config to start from: docker run --rm -v "$PWD:/out" --user "$(id -u)" orderly init /out

FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Scripts are not needed to compile; the optional package "node" would bring a second runtime.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json build.js ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
LABEL org.opencontainers.image.title="Orderly" org.opencontainers.image.licenses="Apache-2.0"
# Less room for young objects: far less memory under load, no slower.
ENV ORDERLY_CONFIG=/etc/orderly/config/orderly.yaml NODE_OPTIONS=--max-semi-space-size=8
WORKDIR /opt/orderly
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY config ./config
COPY templates ./templates
COPY README.md CHANGELOG.md LICENSE ./
RUN ln -s /opt/orderly/dist/cli/main.js /usr/local/bin/orderly \
  && chmod 755 dist/cli/main.js \
  && mkdir -p /var/lib/orderly /exchange /etc/orderly \
  && chown node:node /var/lib/orderly /exchange
# The user "node" (1000) of the image; the folders of /exchange must be writable for it.
USER node
VOLUME ["/var/lib/orderly", "/exchange"]
# Exit code 1 when the daemon does not run or has been silent for 30 s.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["orderly", "status", "--data", "/var/lib/orderly"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["orderly"]
CMD ["run"]
