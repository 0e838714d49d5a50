package dev.gyre.decoding;

/** When a beam search ends, as {@code early_stopping} of {@code generate()} says it. */
public enum EarlyStopping {
    /** {@code false}: when the best running hypothesis, at its present length, is no better than the worst finished. */
    HEURISTIC("false"),
    /** {@code true}: as soon as there are as many finished hypotheses as beams. */
    FULL("true"),
    /** {@code "never"}: when no running hypothesis can become better than the worst finished at any length. */
    NEVER("never");

    private final String text;

    EarlyStopping(String text) {
        this.text = text;
    }

    /** What a user writes: {@code true}, {@code false} or {@code never}. */
    public String text() {
        return text;
    }

    /**
     * The value with this text.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static EarlyStopping of(String text) {
        for (EarlyStopping e : values()) {
            if (e.text.equalsIgnoreCase(text)) {
                return e;
            }
        }
        throw new IllegalArgumentException("early_stopping is true, false or \"never\", not \"" + text + "\"");
    }
}
