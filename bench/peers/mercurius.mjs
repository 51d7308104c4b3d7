import Fastify from 'fastify'
import mercurius from 'mercurius'
import { createContext, resolvers, typeDefs } from './tickets.mjs'

const fastify = Fastify()
await fastify.register(mercurius, { schema: typeDefs, resolvers, context: createContext, jit: 1 })
await fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
console.log('ready')
