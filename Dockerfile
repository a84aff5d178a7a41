# A small image of ghm: docker build --tag ghm-reweight:0.1.0 .
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm pack

FROM node:22-bookworm-slim
# leaves DuckDB out, which Parquet needs: --build-arg OMIT= keeps it
ARG OMIT=--omit=optional
COPY --from=build /build/ghm-reweight-*.tgz /tmp/
RUN npm install --global ${OMIT} /tmp/ghm-reweight-*.tgz && npm cache clean --force && rm /tmp/ghm-reweight-*.tgz
USER node
WORKDIR /data
ENTRYPOINT ["ghm"]
