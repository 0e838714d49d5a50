package dev.gyre.tokens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.SharedFolder;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Native code that cannot be unpacked, in a process of its own: here it is loaded already. */
@Timeout(120)
class NativeLibraryTest {

    @TempDir
    Path temporary;

    @Test
    void aFolderThatCannotBeWrittenToIsBlamed() throws IOException, InterruptedException, URISyntaxException {
        assertBlamed(SharedFolder.englishGerman(), "source.spm");
        assertBlamed(
                Path.of(Objects.requireNonNull(NativeLibraryTest.class.getResource("/models/gpt2"))
                        .toURI()),
                "tokenizer.json");
    }

    private void assertBlamed(Path model, String file) throws IOException, InterruptedException {
        Path noFolder =
                Files.writeString(temporary.resolve("file"), "no folder").resolve("cache");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.gyre.cli.Gyre",
                        "inspect",
                        model.toString()))
                .redirectErrorStream(true);
        builder.environment().put("DJL_CACHE_DIR", noFolder.toString());
        builder.environment().remove("ENGINE_CACHE_DIR");
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(2, process.waitFor(), said);
        assertEquals(1, said.lines().count(), said);
        assertTrue(said.contains(file) && said.contains(noFolder.toString()) && said.contains("DJL_CACHE_DIR"), said);
        assertFalse(said.contains("is not"), said);
    }
}
