package dev.gyre.graph;

/** How one token's value is changed before the best are chosen. The ordinals are what devices see. */
public enum Edit {
    /** The value becomes negative infinity. */
    BAN,
    /** The repetition penalty of Keskar et al. (2019): {@code v < 0 ? v·amount : v/amount}. */
    PENALTY,
    /** {@code v + amount}. */
    ADD
}
