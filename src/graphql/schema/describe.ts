import { type ClassType, Field, InputType, ObjectType, registerEnumType } from 'type-graphql'

// Short forms of type-graphql's decorators that make a description obligatory.

type TypeOf = () => unknown

/** An object type whose fields are the plain properties of a domain object. */
export function GraphType(name: string, description: string, implementing?: abstract new () => object): ClassDecorator {
  return (target) => ObjectType(name, { description, simpleResolvers: true, implements: implementing ?? [] })(target)
}

export function GraphInput(name: string, description: string): ClassDecorator {
  return (target) => InputType(name, { description })(target)
}

/** A field that is always there. */
export function Always(type: TypeOf, description: string): PropertyDecorator {
  return Field(type as () => ClassType, { description }) as PropertyDecorator
}

/** A field that may be null. */
export function Maybe(type: TypeOf, description: string): PropertyDecorator {
  return Field(type as () => ClassType, { description, nullable: true }) as PropertyDecorator
}

/** An enum of the graph: each value with what it means. The result is what type-graphql refers to it by. */
export function describedEnum<T extends string>(name: string, description: string, values: Readonly<Record<T, string>>) {
  const names = Object.keys(values) as T[]
  const enumObject = Object.fromEntries(names.map((value) => [value, value])) as { readonly [K in T]: K }
  const valuesConfig = Object.fromEntries(names.map((value) => [value, { description: values[value] }])) as {
    [K in T]: { description: string }
  }
  registerEnumType(enumObject, { name, description, valuesConfig })
  return enumObject
}
