package dev.gyre.cli;

/** What the output looks like. */
enum Format {
    /** A line for a line; with several hypotheses, a line for each. */
    TEXT,
    /** A JSON object on a line for a line. */
    JSONL
}
