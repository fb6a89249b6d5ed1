'use strict'

/** @typedef {{ pageNumber: number, pageSize: number }} Page */
/** @typedef {Record<string, string[]>} Complaints what is wrong with each query parameter */

const DEFAULT_PAGE_SIZE = 20

/**
 * Read `pageNumber` (from 0) and `pageSize` from a query.
 *
 * @param {URLSearchParams} query
 * @param {number} maxPageSize
 * @returns {{ page: Page, complaints?: undefined } | { page?: undefined, complaints: Complaints }}
 */
function readPage(query, maxPageSize) {
  const pageNumber = readWhole(query, 'pageNumber', 0)
  const pageSize = readWhole(query, 'pageSize', DEFAULT_PAGE_SIZE)
  /** @type {Complaints} */
  const complaints = {}
  if (pageNumber === undefined) complaints.pageNumber = ['must be a whole number, 0 or above']
  if (pageSize === undefined || pageSize < 1 || pageSize > maxPageSize) {
    complaints.pageSize = [`must be a whole number from 1 to ${maxPageSize}`]
  }
  if (pageNumber === undefined || pageSize === undefined || complaints.pageSize) return { complaints }
  return { page: { pageNumber, pageSize } }
}

/**
 * Make a page as `/digital/v1` shapes it.
 *
 * @param {unknown[]} rows all of them
 * @param {Page} page
 */
function pageablePage(rows, page) {
  return { totalElements: rows.length, content: slice(rows, page), pageable: page }
}

/**
 * Make a page as `/treasury/v1` shapes it.
 *
 * @param {unknown[]} rows all of them
 * @param {Page} page
 */
function flatPage(rows, page) {
  const totalPages = Math.ceil(rows.length / page.pageSize)
  return { content: slice(rows, page), totalElements: rows.length, totalPages, ...page }
}

/**
 * @param {unknown[]} rows
 * @param {Page} page
 */
function slice(rows, { pageNumber, pageSize }) {
  return rows.slice(pageNumber * pageSize, (pageNumber + 1) * pageSize)
}

/**
 * @param {URLSearchParams} query
 * @param {string} name
 * @param {number} otherwise
 */
function readWhole(query, name, otherwise) {
  const values = query.getAll(name)
  if (values.length === 0) return otherwise
  return values.length === 1 && /^\d{1,9}$/.test(values[0] ?? '') ? Number(values[0]) : undefined
}

module.exports = { flatPage, pageablePage, readPage }
