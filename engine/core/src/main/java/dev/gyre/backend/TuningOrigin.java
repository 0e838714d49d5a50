package dev.gyre.backend;

/**
 * Where an open device has the settings of its kernels from.
 *
 * @param detail which file, or what the shipped settings say of themselves; empty for those that are built in
 */
public record TuningOrigin(Kind kind, String detail) {

    /** From what is made for a single device to what is made for none. */
    public enum Kind {
        /** A file that {@code gyre tune} wrote. */
        FILE("file"),
        /** Settings for devices like it, which come with the backend. */
        SHIPPED("shipped"),
        /** What the backend takes without either, and all that a backend without settings has. */
        BUILT_IN("built-in");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** As it stands in records. */
        public String text() {
            return text;
        }
    }

    public static final TuningOrigin BUILT_IN = new TuningOrigin(Kind.BUILT_IN, "");

    /** For people: {@code file /home/me/tuning.json}. */
    @Override
    public String toString() {
        return detail.isEmpty() ? kind.text : kind.text + (kind == Kind.FILE ? " " : ": ") + detail;
    }
}
