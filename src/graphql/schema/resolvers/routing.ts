import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql'
import type { DeliveryState } from '../../../domain/delivery.ts'
import { DeskgraphError } from '../../../domain/errors.ts'
import type { RoutingDecision } from '../../../domain/ticket.ts'
import type { GraphContext } from '../../context.ts'
import { pageToConnection } from '../connection.ts'
import { DeliveryStateEnum } from '../enums/event-enums.ts'
import { CreateTicketInput } from '../inputs/create-input.ts'
import { PageArgs } from '../inputs/list-args.ts'
import { pageOfService, toPageRequest } from '../paging.ts'
import { requireSource } from '../required-sources.ts'
import { DeliveryConnectionType, QuarantinedEventConnectionType, RoutePreviewType } from '../types/routing.ts'
import { visibleKeys } from '../visible-nodes.ts'

@Resolver()
export class RoutingQueryResolver {
  @Query(() => RoutePreviewType, {
    description:
      'Who would receive this ticket and why. Nothing is kept or sent. Only for routed sources; else UPSTREAM_NOT_SUPPORTED.',
  })
  previewRoute(
    @Arg('input', () => CreateTicketInput, { description: 'The ticket as it would be given to `createTicket`.' })
    input: CreateTicketInput,
    @Ctx() context: GraphContext,
  ): RoutingDecision {
    const source = requireSource(context.sources, input.source)
    const { info } = source
    const preview = source.previewRoute?.(input)
    if (!preview)
      throw new DeskgraphError('UPSTREAM_NOT_SUPPORTED', `${info.label} does not route tickets.`, { source: info.key })
    if ('decision' in preview) return preview.decision
    throw new DeskgraphError('BAD_USER_INPUT', preview.userErrors.map((error) => error.message).join(' '))
  }

  @Query(() => DeliveryConnectionType, {
    description: 'Every submission to partners, newest first. Needs the scope `routing:admin`.',
  })
  async deliveries(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('state', () => [DeliveryStateEnum], { nullable: true, description: 'Any of these states; null or []: all.' })
    state: DeliveryState[] | null | undefined,
    @Ctx() context: GraphContext,
  ) {
    const request = toPageRequest(args, context.services.maxPageSize)
    const states = state?.length ? state : null
    const filter = { states, sourceKeys: visibleKeys(context.sources) }
    const page = await pageOfService(request, (asked) => context.services.deliveries.list({ ...asked, ...filter }))
    return pageToConnection(page, request.after)
  }

  @Query(() => QuarantinedEventConnectionType, {
    description: 'Inbound events that could not be understood, newest first. Needs the scope `routing:admin`.',
  })
  async quarantine(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('source', () => String, { nullable: true, description: 'Only events of this source; null: of all.' })
    source: string | null | undefined,
    @Ctx() context: GraphContext,
  ) {
    const request = toPageRequest(args, context.services.maxPageSize)
    const sourceKeys = source == null ? visibleKeys(context.sources) : [requireSource(context.sources, source).info.key]
    const page = await pageOfService(request, (asked) => context.services.deadLetters.list({ ...asked, sourceKeys }))
    return pageToConnection(page, request.after)
  }
}
