package dev.gyre.cli;

/** What the process ends with. */
final class ExitCode {

    static final int OK = 0;

    /** A check that fails. */
    static final int CHECK_FAILED = 1;

    /** The user's mistake: options, input, a model or a device that cannot be used, a disk that is full. */
    static final int MISTAKE = 2;

    /** A fault of Gyre's own (EX_SOFTWARE of sysexits.h). */
    static final int FAULT = 70;

    /** Ctrl-C, as a shell counts it: 128 and the signal's number. */
    static final int INTERRUPTED = 130;

    /** The reader of our output went away, as a shell counts SIGPIPE. */
    static final int NO_READER = 141;

    private ExitCode() {}
}
