/** For how long a pod may be kept ready for the next run of its task. */

/** Both in milliseconds. Shorter, and it would end before it has begun; longer, and it takes room that others need. */
export const spareLimits = { shortestMs: 60_000, longestMs: 3_600_000 } as const;
