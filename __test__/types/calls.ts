// Every verb with its options, and what it resolves to.

import type {
  CallOptions,
  Layer1,
  Layer1Page,
  Layer1Pages,
  Layer1Response,
  PageOptions,
  Query,
  QueryValue,
  RequestOptions,
} from 'layer1'
import { path } from 'layer1'
import { holds, type Same } from './same.js'

interface Pool {
  readonly id: string
  readonly name?: string
}

declare const layer1: Layer1

export async function verbs(): Promise<void> {
  const unknowns = [
    await layer1.get('/x'),
    await layer1.delete('/x'),
    await layer1.post('/x'),
    await layer1.put('/x'),
    await layer1.patch('/x'),
    (await layer1.request('GET', '/x')).data,
  ] as const
  holds<Same<(typeof unknowns)[number], unknown>>()

  const pools = [
    await layer1.get<Pool>('/x'),
    await layer1.delete<Pool>('/x'),
    await layer1.post<Pool>('/x'),
    await layer1.put<Pool>('/x', {}),
    await layer1.patch<Pool>('/x', {}, {}),
    (await layer1.request<Pool>('GET', '/x')).data,
  ] as const
  holds<Same<(typeof pools)[number], Pool>>()

  const hinted: Pool = await layer1.get('/x')
  holds<Same<typeof hinted, Pool>>()
}

export async function texts(): Promise<void> {
  const options = { responseType: 'text' } as const
  const texts = [
    await layer1.get('/x', options),
    await layer1.delete('/x', options),
    await layer1.post('/x', undefined, options),
    await layer1.put('/x', null, options),
    await layer1.patch('/x', {}, options),
    await layer1.get('/x', { responseType: 'text', timeout: 1_000 }),
    (await layer1.request('GET', '/x', options)).data,
    (await layer1.request('POST', '/x', { ...options, body: 'text' })).data,
  ] as const
  holds<Same<(typeof texts)[number], string>>()
}

export async function buffers(): Promise<void> {
  const options = { responseType: 'buffer' } as const
  const buffers = [
    await layer1.get('/x', options),
    await layer1.delete('/x', options),
    await layer1.post('/x', undefined, options),
    await layer1.put('/x', null, options),
    await layer1.patch('/x', {}, options),
    await layer1.get('/x', { responseType: 'buffer', timeout: 1_000 }),
    (await layer1.request('GET', '/x', options)).data,
    (await layer1.request('POST', '/x', { ...options, body: 'text' })).data,
  ] as const
  holds<Same<(typeof buffers)[number], Buffer>>()
}

/** Text is text and bytes are bytes, whatever a type argument claims. */
export async function claims(): Promise<void> {
  const text = { responseType: 'text' } as const
  const texts = [
    await layer1.get<string>('/x', text),
    await layer1.get<Pool>('/x', text),
    await layer1.delete<Pool>('/x', text),
    await layer1.post<Pool>('/x', {}, text),
    await layer1.put<Pool>('/x', {}, text),
    await layer1.patch<Pool>('/x', {}, text),
    (await layer1.request<Pool>('GET', '/x', text)).data,
  ] as const
  holds<Same<(typeof texts)[number], string>>()

  const bytes = { responseType: 'buffer' } as const
  const buffers = [
    await layer1.get<Buffer>('/x', bytes),
    await layer1.get<string>('/x', bytes),
    await layer1.delete<string>('/x', bytes),
    await layer1.post<string>('/x', {}, bytes),
    await layer1.put<string>('/x', {}, bytes),
    await layer1.patch<string>('/x', {}, bytes),
    (await layer1.request<string>('GET', '/x', bytes)).data,
  ] as const
  holds<Same<(typeof buffers)[number], Buffer>>()
}

export async function jsonByName(): Promise<void> {
  const answers = [
    await layer1.get<Pool>('/x', { responseType: 'json' }),
    await layer1.get<Pool>('/x', { responseType: null }),
    await layer1.get<Pool>('/x', { responseType: undefined, numbers: 'lossless' }),
  ] as const
  holds<Same<(typeof answers)[number], Pool>>()
}

/** Options that are made elsewhere are passed on. */
export async function passOn(options: CallOptions | null | undefined, request?: RequestOptions): Promise<void> {
  await layer1.get<Pool>('/x', options)
  await layer1.delete<Pool>('/x', options)
  await layer1.post<Pool>('/x', {}, options)
  await layer1.put<Pool>('/x', {}, options)
  await layer1.patch<Pool>('/x', {}, options)
  await layer1.request<Pool>('PUT', '/x', options)
  await layer1.request<Pool>('PUT', '/x', request)
}

export const everyOption: RequestOptions = {
  query: { pageSize: 50 },
  headers: { 'x-request-id': 'one', 'x-absent': undefined },
  signal: AbortSignal.timeout(1_000),
  timeout: 1_000,
  maxRetries: 0,
  idempotent: true,
  responseType: 'json',
  numbers: 'lossless',
  body: {},
}

export const nulls: CallOptions = {
  query: null,
  headers: null,
  signal: null,
  timeout: null,
  maxRetries: null,
  idempotent: null,
  responseType: null,
  numbers: null,
}

export const undefineds: RequestOptions = {
  query: undefined,
  headers: undefined,
  signal: undefined,
  timeout: undefined,
  maxRetries: undefined,
  idempotent: undefined,
  responseType: undefined,
  numbers: undefined,
  body: undefined,
}

export async function requests(options: RequestOptions): Promise<void> {
  const response = await layer1.request<Pool>('POST', '/x', options)
  holds<Same<typeof response, Layer1Response<Pool>>>()
  holds<Same<typeof response.status, number>>()
  holds<Same<typeof response.headers, Record<string, string | string[]>>>()
  holds<Same<typeof response.data, Pool>>()
  holds<Same<typeof response.attempts, number>>()
  holds<Same<Layer1Response['data'], unknown>>()
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    await layer1.request(method, '/x', null)
  }
}

interface PoolQuery {
  readonly pageSize?: number
  readonly createdAfter: Date
  readonly states: readonly string[]
}

export async function queries(query: PoolQuery, generic: Query, value: QueryValue): Promise<void> {
  const wishes = [
    { query: {} },
    { query: { text: 'a b', number: 1, flag: true, big: 10n, at: new Date(), none: null, absent: undefined } },
    { query: { networks: ['bitcoin', 'ethereum'], mixed: ['a', 1, true, 10n, new Date(), null, undefined] } },
    { query: { networks: ['bitcoin', 'ethereum'] as const } },
    { query: new URLSearchParams({ pageSize: '50' }) },
    { query: Object.freeze({ pageSize: 50 }) },
    { query },
    { query: { ...query } },
    { query: generic },
    { query: { value, values: [value] } },
  ] as const
  for (const wish of wishes) {
    await layer1.get('/x', wish)
  }
}

export async function headers(): Promise<void> {
  await layer1.get('/x', { headers: new Headers() })
  await layer1.get('/x', { headers: { 'content-type': 'text/plain' } as const })
  await layer1.get('/x', { headers: Object.fromEntries(new Headers()) })
}

export function paths(id: string, number: number, big: bigint, flag: boolean): string {
  const whole = path`/a/${id}/${number}/${big}/${flag}`
  holds<Same<typeof whole, string>>()
  return path`/without/values`
}

export async function lists(options: PageOptions): Promise<void> {
  const list = layer1.paginate<Pool>('/x', options)
  holds<Same<typeof list, Layer1Pages<Pool>>>()
  for await (const pool of list) {
    holds<Same<typeof pool, Pool>>()
  }
  for await (const page of list.pages()) {
    holds<Same<typeof page, Layer1Page<Pool>>>()
    holds<Same<typeof page.content, Pool[]>>()
    holds<Same<typeof page.totalElements, number | undefined>>()
    holds<Same<typeof page.totalPages, number | undefined>>()
    holds<Same<typeof page.pageNumber, number | undefined>>()
    holds<Same<typeof page.pageSize, number | undefined>>()
    holds<Same<typeof page.pageable, { pageNumber: number; pageSize: number } | undefined>>()
  }
  for await (const item of layer1.paginate('/x')) {
    holds<Same<typeof item, unknown>>()
  }
  const iterable: AsyncIterable<Pool> = layer1.paginate<Pool>('/x', null)
  const iterator = iterable[Symbol.asyncIterator]()
  await iterator.next()

  const wishes: readonly (PageOptions | null | undefined)[] = [
    undefined,
    null,
    {},
    { query: { pageNumber: 2, pageSize: 100 }, responseType: 'json', numbers: 'lossless' },
    { responseType: null, signal: null },
  ]
  for (const wish of wishes) {
    layer1.paginate(path`/x/${1}`, wish).pages()
  }
}
