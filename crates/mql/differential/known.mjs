// Where the two differ on purpose: because mingo departs from MongoDB, whose ways crates/mql follows. Each entry says so, and
// when it applies. A difference that none explains is a fault in one of the two, and fails the comparison.

export const KNOWN = [];
