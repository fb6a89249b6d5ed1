'use strict'
// A span for each call, and its traceparent on the wire: what instruments fetch and node:http does not see native calls.
// LAYER1_CLIENT_ID=… LAYER1_CLIENT_SECRET=… node examples/opentelemetry/index.js

const { tracingChannel } = require('node:diagnostics_channel')
const { context, propagation, SpanKind, SpanStatusCode, trace } = require('@opentelemetry/api')
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks')
const { BasicTracerProvider } = require('@opentelemetry/sdk-trace-base')
const { Layer1 } = require('layer1')

/** @typedef {import('layer1').Layer1RequestEvent} RequestEvent */

const tracer = trace.getTracer('layer1')
/** @type {WeakMap<RequestEvent, import('@opentelemetry/api').Span>} */
const spans = new WeakMap()

/** @param {RequestEvent} event of a call that begins; its span is a child of the caller's */
function begin(event) {
  const attributes = { 'http.request.method': event.method, 'url.path': event.path }
  const span = tracer.startSpan(event.method, { kind: SpanKind.CLIENT, attributes })
  spans.set(event, span)
  propagation.inject(trace.setSpan(context.active(), span), event.headers)
}

/** @param {RequestEvent} event of a call that has ended, well or badly */
function end(event) {
  const span = spans.get(event)
  if (span === undefined) return
  span.setAttributes({ 'http.response.status_code': event.status, 'layer1.attempts': event.attempt })
  if ('error' in event) span.setStatus({ code: SpanStatusCode.ERROR, message: String(event.error) })
  span.end()
  const { traceId, spanId } = span.spanContext()
  const outcome = event.status ?? event.error
  console.log(`${event.method} ${event.path}: ${outcome}, attempts: ${event.attempt}, trace ${traceId}, span ${spanId}`)
}

/** Registers the least that makes spans real: a program has an SDK with an exporter, and needs nothing of this. */
function registerSdk() {
  trace.setGlobalTracerProvider(new BasicTracerProvider())
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator({
    inject(context, carrier, { set }) {
      const { traceId, spanId, traceFlags } = trace.getSpanContext(context) ?? {}
      set(carrier, 'traceparent', `00-${traceId}-${spanId}-0${traceFlags}`)
    },
    extract: (context) => context,
    fields: () => ['traceparent'],
  })
}

async function main() {
  registerSdk()
  tracingChannel('layer1:request').subscribe(/** @type {any} */ ({ start: begin, asyncEnd: end }))
  const layer1 = new Layer1()
  await tracer.startActiveSpan('report', async (span) => {
    console.log(`A report in trace ${span.spanContext().traceId}:`)
    await Promise.all([layer1.get('/digital/v1/networks'), layer1.get('/digital/v1/asset-pools')])
    span.end()
  })
  await layer1.close()
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
