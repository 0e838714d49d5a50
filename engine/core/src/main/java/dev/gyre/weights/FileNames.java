package dev.gyre.weights;

/** Names of files that a file of the model gives: nothing but a name, since a path could lead to any file of the machine. */
public final class FileNames {

    private FileNames() {}

    /**
     * Whether a text names a file or folder beside the one that says it, on every system: there is no {@code /}, no {@code
     * \}, no drive or stream ({@code C:x}), and it is not {@code .} or {@code ..}.
     */
    public static boolean isPlain(String name) {
        return !name.isEmpty()
                && !name.equals(".")
                && !name.equals("..")
                && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c == '\0');
    }
}
