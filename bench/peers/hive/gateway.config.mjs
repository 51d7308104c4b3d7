import { defineConfig } from '@graphql-hive/gateway'

export const gatewayConfig = defineConfig({
  supergraph: process.env.SUPERGRAPH,
  port: Number(process.env.PORT),
  host: '127.0.0.1',
  logging: 'error',
  graphiql: false,
  landingPage: false,
})
