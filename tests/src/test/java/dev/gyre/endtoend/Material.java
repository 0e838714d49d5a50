package dev.gyre.endtoend;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where tests find what they read: the project itself, and texts and models that may not be part of it. Those lie in a
 * folder {@code shared} beside the project, or where the property {@code gyre.shared} or the variable
 * {@code GYRE_SHARED} says.
 */
final class Material {

    private Material() {}

    /** The project's root. */
    static Path project() {
        return Path.of("..").toAbsolutePath().normalize();
    }

    /** A file or folder of the shared material; the test is skipped by name where it is absent. */
    static Path shared(String name) {
        String given = System.getProperty("gyre.shared", System.getenv("GYRE_SHARED"));
        Path folder = given == null ? project().resolveSibling("shared") : Path.of(given);
        Path file = folder.resolve(name);
        assumeTrue(
                Files.exists(file),
                () -> "skipped: the shared material has no " + name
                        + " (a folder shared beside the project, or GYRE_SHARED, would hold it)");
        return file;
    }
}
