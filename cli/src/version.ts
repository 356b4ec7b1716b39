/** The version in package.json; a test keeps the two equal. Reading the file would tie the bundle to its place on disk. */
export const version = '0.1.0';
