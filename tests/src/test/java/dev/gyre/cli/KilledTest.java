package dev.gyre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A batch job that is killed or interrupted, as a process of its own. */
@Timeout(300)
class KilledTest {

    /** Enough that a run is far from its end when its first lines are seen. */
    private static final int SENTENCES = 700;

    /** What a run gives that nobody disturbs. */
    private static String undisturbed = "";

    @TempDir
    Path folder = Path.of("");

    private Path in = Path.of("");
    private Path out = Path.of("");
    private Path partial = Path.of("");
    private Path said = Path.of("");
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void input() throws IOException {
        in = Files.writeString(folder.resolve("in.txt"), String.join("\n", Place.sentences(SENTENCES)) + "\n");
        out = folder.resolve("out.txt");
        partial = folder.resolve("out.txt.partial");
        said = folder.resolve("said.txt");
    }

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private List<String> arguments(String... more) {
        List<String> all = new ArrayList<>(List.of(
                "translate",
                "--model",
                Place.model(),
                "--device",
                "cpu",
                "--num-beams",
                "1",
                "-i",
                in.toString(),
                "-o",
                out.toString()));
        all.addAll(List.of(more));
        return all;
    }

    private Process start(List<String> arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.gyre.cli.Gyre"));
        line.addAll(arguments);
        Process process = new ProcessBuilder(line)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(said.toFile())
                .start();
        started.add(process);
        return process;
    }

    /** Waits until there are lines. */
    private void waitForSome(Process process) throws IOException, InterruptedException {
        while (!Files.exists(partial) || Files.size(partial) == 0) {
            assertTrue(process.isAlive(), () -> "ended early: " + read(said));
            Thread.sleep(10);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Continues in this process and compares with a run that nobody disturbed. */
    private void resumeAndCompare() throws IOException {
        Outcome.of(arguments("--resume").toArray(String[]::new)).quiet();
        String resumed = Files.readString(out);
        assertEquals(SENTENCES, resumed.lines().count());
        assertEquals(undisturbed(), resumed);
        assertFalse(Files.exists(partial));
    }

    private String undisturbed() throws IOException {
        if (undisturbed.isEmpty()) {
            Path again = folder.resolve("again.txt");
            List<String> whole = new ArrayList<>(arguments());
            whole.set(whole.indexOf(out.toString()), again.toString());
            Outcome.of(whole.toArray(String[]::new)).quiet();
            undisturbed = Files.readString(again);
        }
        return undisturbed;
    }

    @Test
    void killedAndResumedNothingIsLostOrDoubled() throws Exception {
        Process process = start(arguments());
        waitForSome(process);
        process.destroyForcibly().waitFor();
        assertFalse(Files.exists(out));
        assertTrue(Files.readString(partial).lines().count() < SENTENCES, "the kill came too late");
        // As if it had been killed in the middle of a line.
        Files.writeString(partial, "Halb", StandardOpenOption.APPEND);
        resumeAndCompare();
    }

    @ParameterizedTest
    @CsvSource({"INT,130", "TERM,143"})
    void interruptedItSaysHowToGoOn(String signal, int code) throws Exception {
        assumeTrue(new File("/bin/kill").canExecute(), "skipped: there is no /bin/kill");
        Process process = start(arguments());
        waitForSome(process);
        assertEquals(
                0,
                new ProcessBuilder("/bin/kill", "-" + signal, Long.toString(process.pid()))
                        .start()
                        .waitFor());
        assertTrue(process.waitFor(120, TimeUnit.SECONDS));
        assertEquals(code, process.exitValue(), read(said));
        assertTrue(read(said).contains("gyre: interrupted; "), read(said));
        assertTrue(read(said).contains("--resume"), read(said));
        assertFalse(read(said).contains("\tat "), read(said));
        String kept = Files.readString(partial);
        assertTrue(kept.endsWith("\n"));
        assertTrue(read(said).contains(kept.lines().count() + " sentences are kept"), read(said));
        resumeAndCompare();
    }
}
