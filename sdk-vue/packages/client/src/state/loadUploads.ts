/** The queue of files, fetched with the first one. */
export const loadUploads = () => import('./uploads')
