package dev.gyre;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * Test material that is not part of the project: the folder {@code shared} beside the checkout, or where the system
 * property {@code gyre.shared} or the variable {@code GYRE_SHARED} point. A test that needs what is not there is skipped
 * by name.
 */
public final class SharedFolder {

    private SharedFolder() {}

    /** The root of the checkout. */
    public static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("mvnw"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException(
                    "no mvnw in or above " + Path.of("").toAbsolutePath() + "; run the tests inside the checkout");
        }
        return folder;
    }

    /** The model that is part of the project. */
    public static Path englishGerman() {
        return root().resolve("models/en-de");
    }

    /** A file or folder of the shared material; the test is skipped where it is not there. */
    public static Path require(String name) {
        String set = System.getProperty("gyre.shared", System.getenv("GYRE_SHARED"));
        Path path = (set != null ? Path.of(set) : root().resolveSibling("shared")).resolve(name);
        Assumptions.assumeTrue(Files.exists(path), () -> "skipped: there is no " + path + " (set GYRE_SHARED)");
        return path;
    }
}
