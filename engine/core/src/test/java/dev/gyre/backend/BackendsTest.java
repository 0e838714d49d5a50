package dev.gyre.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendsTest {

    @Test
    void oneThatIsMissingIsLeftOut(@TempDir Path folder) throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(Backend.class.getName()), "no.such.Provider\n");
        URL[] broken = {folder.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(broken, Backends.class.getClassLoader())) {
            assertEquals(
                    Backends.all().stream().map(Backend::name).toList(),
                    Backends.all(loader).stream().map(Backend::name).toList());
        }
        assertTrue(Backends.all().stream().anyMatch(b -> b.name().equals("cpu")));
    }
}
