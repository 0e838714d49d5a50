package dev.gyre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every mistake is one line and exit code 2, and leaves nothing half written behind. */
@Timeout(300)
class MistakesTest {

    @TempDir
    Path folder = Path.of("");

    static Stream<Arguments> mistakes() {
        String model = Place.model();
        return Stream.of(
                arguments(List.of(), List.of("a command is missing")),
                arguments(List.of("tune", "--device", "cpu"), List.of("cpu:0 has nothing to tune")),
                arguments(List.of("tune", "--seconds", "0"), List.of("--seconds is 0")),
                arguments(
                        List.of("translate", "--model", model, "--tune", "/nowhere", "x"),
                        List.of("--tune", "/nowhere", "off")),
                arguments(List.of("tune", "--shape", "1,2"), List.of("--shape", "five numbers", "1,2")),
                arguments(List.of("nix"), List.of("there is no command \"nix\"", "translate", "devices")),
                arguments(List.of("translate", "--nix", "x"), List.of("Unknown option", "--nix")),
                arguments(
                        List.of("translate", "--num-beams", "x", "y"), List.of("--num-beams", "whole number", "not x")),
                arguments(List.of("translate", "--num-beams", "0", "y"), List.of("--num-beams", "not 0")),
                arguments(List.of("translate", "--top-p", "1.5", "y"), List.of("--top-p", "between 0 and 1")),
                arguments(List.of("translate", "--early-stopping", "maybe", "y"), List.of("--early-stopping", "maybe")),
                arguments(List.of("translate", "--format", "xml", "y"), List.of("--format", "xml", "TEXT")),
                arguments(List.of("translate", "--model"), List.of("--model")),
                arguments(List.of("translate", "--model", "nowhere", "y"), List.of("there is no folder nowhere")),
                arguments(List.of("translate", "--model", model, "--device", "cpu:7", "y"), List.of("cpu", "7")),
                arguments(
                        List.of("translate", "--model", model, "--device", "nix", "y"),
                        List.of("there is no backend \"nix\"", "cpu")),
                arguments(
                        List.of("translate", "--model", model, "--device", "cpu:x", "y"),
                        List.of("\"cpu:x\" is not a device")),
                arguments(
                        List.of("translate", "--model", model, "--device", "cpu?opencl.fused=off", "y"),
                        List.of("\"opencl.fused=off\" is no setting of cpu")),
                arguments(
                        List.of("translate", "--model", model, "--device", "cpu", "--memory-limit", "1M", "y"),
                        List.of("bytes", "missing", "--memory-limit")),
                arguments(
                        List.of("translate", "--model", model, "--memory-limit", "much", "y"),
                        List.of("--memory-limit", "much")),
                arguments(
                        List.of(
                                "translate",
                                "--model",
                                model,
                                "--device",
                                "cpu",
                                "--num-beams",
                                "1",
                                "--num-return-sequences",
                                "3",
                                "y"),
                        List.of("--num-return-sequences")),
                arguments(
                        List.of("translate", "--model", model, "--device", "cpu", "word ".repeat(2000)),
                        List.of("line 1", "tokens", "at most 256")),
                arguments(
                        List.of("translate", "--model", model, "--input", "nofile.txt"),
                        List.of("nofile.txt", "no such file")),
                arguments(List.of("translate", "--model", model, "--input", model), List.of("is a folder")),
                arguments(List.of("translate", "--model", model, "--input", "a.txt", "text"), List.of("not both")),
                arguments(
                        List.of("translate", "--model", model, "-o", "no/such/place.txt", "text"),
                        List.of("no/such/place.txt", "there is no folder")),
                arguments(List.of("translate", "--model", model, "-o", "", "text"), List.of("--output names no file")),
                arguments(List.of("translate", "--model", model, "--threads", "0", "text"), List.of("--threads")),
                arguments(
                        List.of("translate", "--model", model, "--batch-tokens", "2000000000", "text"),
                        List.of("--batch-tokens must be a whole number from 1 to 1048576", "not 2000000000")),
                arguments(
                        List.of("translate", "--model", Place.golden("marian").toString(), "--device", "cpu", "text"),
                        List.of("marian has no tokenizer files", "source.spm")),
                arguments(
                        List.of("translate", "--model", model, "--device", "opencl", "--num-beams", "17", "text"),
                        List.of("opencl")),
                arguments(
                        List.of("translate", "--model", model, "--compute-type", "int4", "text"),
                        List.of("--compute-type", "FLOAT32, FLOAT16, BFLOAT16, INT8, AUTO", "int4")),
                arguments(
                        List.of("translate", "--model", model, "--device", "cpu", "--compute-type", "int8", "text"),
                        List.of("cpu does not compute in int8; choose float32 or auto")),
                arguments(
                        List.of("tune", "--device", "reference", "--compute-type", "float16"),
                        List.of("reference does not compute in float16; choose float32, int8 or auto")),
                arguments(List.of("inspect"), List.of("DIR")),
                arguments(List.of("inspect", "nowhere"), List.of("there is no folder nowhere")),
                arguments(List.of("inspect", model, "--only", "encode"), List.of("--only needs --graph")),
                arguments(
                        List.of("inspect", model, "--graph", "text", "--only", "nix"),
                        List.of("no graph \"nix\"", "encode", "decode")),
                arguments(List.of("check"), List.of("CASE_DIR")),
                arguments(List.of("check", model), List.of("expected.safetensors")));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void isOneLine(List<String> arguments, List<String> said) {
        Outcome outcome = Outcome.of(arguments.toArray(String[]::new)).mistake(said.toArray(String[]::new));
        assertEquals("", outcome.out());
    }

    @Test
    void verboseShowsWhere() {
        Outcome outcome = Outcome.of("translate", "--verbose", "--model", "nowhere", "x");
        assertEquals(ExitCode.MISTAKE, outcome.code());
        assertTrue(outcome.err().contains("\tat dev.gyre."), outcome.err());
    }

    @Test
    void whatIsNotUtf8IsNamedAndNothingBehindItIsTranslated() {
        Outcome outcome = Outcome.withInput(
                        new byte[] {'H', 'i', '.', '\n', 'a', (byte) 0xE4, 'b', '\n', 'H', 'i', '.', '\n'},
                        "translate",
                        "--model",
                        Place.model(),
                        "--device",
                        "cpu")
                .mistake("standard input: line 2: byte 0xe4 at offset 5");
        assertEquals(1, outcome.lines().size());
    }

    /** The most there can be at once either fits or is refused with the bytes; there is no overflow on the way. */
    @Test
    void theLargestBatchIsAMatterOfMemory() {
        Outcome.of("translate", "--model", Place.model(), "--device", "cpu", "--batch-tokens", "1048576", "Hello.")
                .mistake("bytes are missing");
    }

    @Test
    void moreThreadsThanCoresAreAsManyAsCores() {
        Outcome.of("translate", "--model", Place.model(), "--device", "cpu", "--threads", "1000000", "Hello.")
                .quiet();
    }

    @Test
    void overlongSentencesAreCutOnDemand() {
        String longOne = "I am here. ".repeat(200);
        Outcome outcome = Outcome.of(
                        "translate", "--model", Place.model(), "--device", "cpu", "--overlong", "truncate", longOne)
                .quiet();
        assertEquals(1, outcome.lines().size());
        assertFalse(outcome.out().isBlank());
    }

    @Test
    void aTokenThatIsNotInTheVocabularyIsTheUnknownOne() {
        Outcome outcome = Outcome.of(
                        "translate", "--model", Place.model(), "--device", "cpu", "--tokens", "▁Good ▁mxyzptlk </s>")
                .quiet();
        assertEquals(
                outcome.out(),
                Outcome.of("translate", "--model", Place.model(), "--device", "cpu", "--tokens", "▁Good <unk> </s>")
                        .quiet()
                        .out());
    }

    @Test
    void inputAndOutputAreTwo() throws IOException {
        Path file = Files.writeString(folder.resolve("both.txt"), "Hello.\n");
        Outcome.of("translate", "--model", Place.model(), "-i", file.toString(), "-o", file.toString())
                .mistake("both input and output");
        assertEquals("Hello.\n", Files.readString(file));
    }

    @Test
    void aFolderThatMayNotBeWritten() throws IOException {
        Path shut = Files.createDirectory(folder.resolve("shut"));
        Files.setPosixFilePermissions(shut, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            assumeTrue(!Files.isWritable(shut), "skipped: root may write everywhere");
            Outcome.of(
                            "translate",
                            "--model",
                            Place.model(),
                            "-o",
                            shut.resolve("out.txt").toString(),
                            "Hello.")
                    .mistake("out.txt.partial", "permission denied");
        } finally {
            Files.setPosixFilePermissions(shut, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void aFullDeviceAsOutput() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "skipped: there is no /dev/full");
        String[] translate = {"translate", "--model", Place.model(), "--device", "cpu", "Hello."};
        try (OutputStream out = new FileOutputStream(full.toFile())) {
            Outcome outcome = Outcome.into(out, InputStream.nullInputStream(), translate);
            assertEquals(ExitCode.MISTAKE, outcome.code());
            outcome.complaint("standard output: No space left on device");
        }
        Outcome.of("translate", "--model", Place.model(), "--device", "cpu", "-o", "/dev/full", "Hello.")
                .mistake("/dev/full: No space left on device");
    }

    @Test
    void aReaderThatHasSeenEnoughIsNoError() {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        Outcome outcome = Outcome.into(
                closed, InputStream.nullInputStream(), "translate", "--model", Place.model(), "--device", "cpu", "Hi.");
        assertEquals(ExitCode.NO_READER, outcome.code());
        assertEquals("", outcome.err());
    }

    /** A disk that fills up keeps whole lines, and the run goes on when there is room. */
    @Test
    void aDiskThatFillsUp() throws IOException, InterruptedException {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        assumeTrue(
                command("mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", disk.toString()),
                "skipped: only root may mount a small disk");
        try {
            Path in = Files.writeString(folder.resolve("in.txt"), String.join("\n", Place.sentences(200)) + "\n");
            Path out = disk.resolve("out.txt");
            String[] run = {
                "translate", "--model", Place.model(), "--device", "cpu", "-i", in.toString(), "-o", out.toString()
            };
            Outcome.of(run).mistake("out.txt.partial: No space left on device", "--resume");
            String kept = Files.readString(disk.resolve("out.txt.partial"));
            assertTrue(kept.endsWith("\n"), "a torn line is kept");
            assertFalse(Files.exists(out));
            assertTrue(command("mount", "-o", "remount,size=1m", disk.toString()));
            Outcome.of(Stream.concat(Stream.of(run), Stream.of("--resume")).toArray(String[]::new))
                    .quiet();
            String whole = Files.readString(out);
            assertTrue(whole.startsWith(kept));
            assertEquals(
                    Outcome.of("translate", "--model", Place.model(), "--device", "cpu", "-i", in.toString())
                            .quiet()
                            .out(),
                    whole);
        } finally {
            command("umount", disk.toString());
        }
    }

    private static boolean command(String... line) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
