package dev.gyre.cli;

/**
 * A line of input.
 *
 * @param number from 1
 * @param text without its end
 */
record Line(long number, String text) {}
