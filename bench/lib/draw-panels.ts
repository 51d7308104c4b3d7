import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'

/** A panel of a Grafana dashboard, as its JSON has it. */
export interface Panel {
  readonly type: string
  readonly title: string
  readonly fieldConfig?: { readonly defaults?: { readonly unit?: string } }
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[]
}

/** A time span that a Prometheus has scraped, in seconds since 1970. */
export interface Span {
  readonly url: string
  readonly start: number
  readonly end: number
  readonly stepSeconds: number
  /** What `$__rate_interval` stands for. */
  readonly rateInterval: string
  /** When something happened, in seconds since 1970. Each is a line with its number. */
  readonly marks: readonly number[]
}

interface Point {
  readonly minute: number
  readonly value: number
  readonly series: string
}

/** Lines beyond these are left out, as are those that stay at zero when there are too many. */
const mostSeries = 8
const units: Readonly<Record<string, string>> = { s: 'seconds', bytes: 'bytes', ops: 'a second', reqps: 'a second' }

/** The panels of one row as an SVG: three beside each other, with a numbered line for each mark. */
export async function drawRow(panels: readonly Panel[], span: Span): Promise<string> {
  const drawn = await Promise.all(panels.map(async (panel) => toChart(panel, await readPoints(panel, span), span)))
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    columns: 3,
    // The space of a row holds the axis, the legend and the next title.
    spacing: { row: 205, column: 60 },
    bounds: 'flush',
    concat: drawn,
    resolve: { scale: { color: 'independent' } },
    config: {
      font: 'sans-serif',
      title: { fontSize: 13, anchor: 'start', offset: 12 },
      legend: { orient: 'bottom', columns: 1, labelLimit: 300, symbolStrokeWidth: 3, rowPadding: 1, labelFontSize: 9 },
      axis: { gridOpacity: 0.4, labelFontSize: 10 },
    },
  }
  return new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG()
}

/** The points of all queries of a panel. Throws with the query when Prometheus refuses one. */
async function readPoints({ targets = [] }: Panel, span: Span): Promise<readonly Point[]> {
  const answers = await Promise.all(
    targets.map(async ({ expr, legendFormat }) => {
      const query = expr.replaceAll('$__rate_interval', span.rateInterval)
      const { start, end, stepSeconds } = span
      const search = new URLSearchParams({ query, start: `${start}`, end: `${end}`, step: `${stepSeconds}` })
      const answer = await fetch(`${span.url}/api/v1/query_range?${search}`)
      if (!answer.ok) throw new Error(`Prometheus refuses the query ${query}: ${await answer.text()}`)
      const { data } = (await answer.json()) as { data: { result: readonly Series[] } }
      return data.result.map((series) => ({ name: toName(legendFormat, series.metric), values: series.values }))
    }),
  )
  return limitSeries(answers.flat()).flatMap(({ name, values }) =>
    values
      .map(([at, value]) => ({ minute: (at - span.start) / 60, value: Number(value), series: name }))
      .filter(({ value }) => Number.isFinite(value)),
  )
}

interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly (readonly [number, string])[]
}

/** Grafana's `{{label}}`; without a format the names and values of the labels. */
function toName(format: string | undefined, metric: Readonly<Record<string, string>>): string {
  if (format !== undefined) return format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => metric[label] ?? '').trim()
  return Object.values(metric).join(' ')
}

function limitSeries<S extends Pick<Series, 'values'>>(all: readonly S[]): readonly S[] {
  const highest = ({ values }: S) => Math.max(...values.map(([, value]) => Number(value)).filter(Number.isFinite), 0)
  if (all.length <= mostSeries) return all
  return [...all].sort((a, b) => highest(b) - highest(a)).slice(0, mostSeries)
}

type Chart = Extract<TopLevelSpec, { concat: unknown }>['concat'][number]

function toChart({ title, fieldConfig }: Panel, points: readonly Point[], { marks, start, end }: Span): Chart {
  const unit = units[fieldConfig?.defaults?.unit ?? '']
  const minutes = { field: 'minute', type: 'quantitative' as const, scale: { domain: [0, (end - start) / 60], nice: false } }
  const axis = { format: '~s', tickCount: 5 }
  // Without a highest value above zero there is no scale.
  const highest = Math.max(0, ...points.map(({ value }) => value))
  const scale = { domainMin: 0, ...(highest === 0 ? { domainMax: 1 } : {}) }
  const value = { field: 'value', type: 'quantitative' as const, title: unit ?? null, stack: null, axis, scale }
  const color = { field: 'series', type: 'nominal' as const, title: null, scale: { scheme: 'tableau10' as const } }
  const events = marks.map((at, index) => ({ minute: (at - start) / 60, number: index + 1 }))
  return {
    title: points.length > 0 ? title : `${title}: no values in this run`,
    width: 300,
    height: 130,
    layer: [
      {
        data: { values: events },
        mark: { type: 'rule', strokeDash: [3, 3], color: '#999' },
        encoding: { x: { ...minutes, title: 'minutes' } },
      },
      {
        data: { values: events },
        mark: { type: 'text', y: -5, fontSize: 9, color: '#666' },
        encoding: { x: { ...minutes, title: 'minutes' }, text: { field: 'number' } },
      },
      {
        data: { values: points.map((point) => ({ ...point, value: Number(point.value.toPrecision(4)) })) },
        mark: { type: 'line', strokeWidth: 1.5 },
        encoding: { x: { ...minutes, title: 'minutes' }, y: value, ...(points.length > 0 ? { color } : {}) },
      },
    ],
  }
}
