package dev.gyre.cli;

import picocli.CommandLine.Option;

/** What every command understands. */
final class CommonOptions {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    @Option(names = "--verbose", description = "Log what is done, and show where an error came from.")
    private boolean verbose;

    boolean verbose() {
        return verbose;
    }
}
