/** The version of nv2, that of the package. */
export const VERSION = '0.1.0';
