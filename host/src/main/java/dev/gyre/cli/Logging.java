package dev.gyre.cli;

import java.util.Arrays;

/** Sets slf4j-simple up: to standard error, warnings only, more with {@code --verbose}. Before the first logger. */
public final class Logging {

    private static final String PREFIX = "org.slf4j.simpleLogger.";

    private Logging() {}

    /** @param arguments of the command line */
    public static void setUp(String[] arguments) {
        boolean verbose =
                Arrays.stream(arguments).takeWhile(a -> !a.equals("--")).anyMatch("--verbose"::equals);
        set("logFile", "System.err");
        set("showThreadName", Boolean.toString(verbose));
        set("showShortLogName", "true");
        set("defaultLogLevel", verbose ? "info" : "warn");
        set("log.dev.gyre", verbose ? "debug" : "warn");
        // DJL looks for CUDA when it loads SentencePiece and warns that it finds none, which says nothing here; what
        // fails in it is thrown as well, and said in one line.
        set("log.ai.djl", verbose ? "error" : "off");
    }

    private static void set(String key, String value) {
        if (System.getProperty(PREFIX + key) == null) {
            System.setProperty(PREFIX + key, value);
        }
    }
}
