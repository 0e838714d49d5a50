package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In JVMs of their own, since a JVM loads OpenCL once. */
class AbsenceTest {

    @TempDir
    Path folder;

    /** What the other JVM runs: one line, and no exception. */
    public static final class Ask {
        public static void main(String[] arguments) {
            OpenClBackend backend = new OpenClBackend();
            System.out.println(backend.devices().size() + " devices: " + backend.absence());
        }
    }

    private String ask(Map<String, String> environment, String... flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Ask.class.getName()));
        Path errors = folder.resolve("errors");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), () -> out + read(errors));
        assertEquals(1, out.lines().count(), out);
        return out;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void withoutAPlatformItSaysWhatToInstall() throws Exception {
        Path vendors = Files.createDirectory(folder.resolve("vendors"));
        String said = ask(Map.of("OCL_ICD_VENDORS", vendors.toString()));
        assertTrue(said.startsWith("0 devices: "), said);
        assertTrue(said.contains("install"), said);
    }

    /** What PoCL does where its cache cannot be written; another platform may have devices all the same. */
    @Test
    void aPlatformWithoutADeviceSaysWhatItNeeds() throws Exception {
        assumeTrue(new OpenClBackend().absence().isEmpty(), "skipped: no OpenCL device");
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        String said = ask(Map.of("POCL_CACHE_DIR", file.resolve("cache").toString()));
        assertTrue(!said.startsWith("0 devices: ") || said.contains("POCL_CACHE_DIR"), said);
    }

    /** JOCL cannot unpack its library, as where no OpenCL can be loaded at all: a file is where its folder should be. */
    @Test
    void withoutALibraryItSaysWhatToInstall() throws Exception {
        String said = ask(Map.of(), "-Djava.io.tmpdir=" + Files.writeString(folder.resolve("file"), "in the way"));
        assertTrue(said.startsWith("0 devices: "), said);
        assertTrue(said.contains("install"), said);
        assertFalse(said.contains("Exception in"), said);
    }
}
