# Signalbox in a container. UNTESTED: written where no container engine was at hand; see docs/operations.md.
# Two stages: the first builds with all packages, the second has the bundle and the SQLite driver only.
FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM node:22-slim
ENV NODE_ENV=production SIGNALBOX_DATA=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/bin bin
COPY --from=build /app/dist dist
COPY --from=build /app/node_modules/@photostructure/sqlite node_modules/@photostructure/sqlite
COPY --from=build /app/node_modules/node-gyp-build node_modules/node-gyp-build
RUN mkdir /data && chown node:node /data && chmod 700 /data
USER node
VOLUME /data
EXPOSE 7070
STOPSIGNAL SIGTERM
# No shell in between: signals reach the process.
ENTRYPOINT ["node", "bin/signalbox"]
CMD ["start"]
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.SIGNALBOX_PORT || 7070) + '/health/ready').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
