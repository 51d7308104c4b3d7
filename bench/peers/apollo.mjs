import { ApolloServer } from '@apollo/server'
import fastifyApollo, { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import Fastify from 'fastify'
import { createContext, resolvers, typeDefs } from './tickets.mjs'

const fastify = Fastify()
const apollo = new ApolloServer({ typeDefs, resolvers, plugins: [fastifyApolloDrainPlugin(fastify)] })
await apollo.start()
await fastify.register(fastifyApollo(apollo), { context: async () => createContext() })
await fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
console.log('ready')
