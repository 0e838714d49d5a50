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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
                arguments(List.of("translate", "--model", model, "--tune", "/", "x"), List.of("--tune: / is a folder")),
                arguments(List.of("translate", "--model", "", "x"), List.of("--model", "names nothing")),
                arguments(List.of("inspect", ""), List.of("DIR", "names nothing")),
                arguments(List.of("translate", "--model", model, "-i", ""), List.of("--input names no file")),
                arguments(
                        List.of("translate", "--do-sample", "--temperature", "1e-45", "x"),
                        List.of("--temperature", "greater than 0", "1.0E-30", "not 1e-45")),
                arguments(
                        List.of("translate", "--repetition-penalty", "1e-300", "x"),
                        List.of("--repetition-penalty", "not 1e-300")),
                arguments(
                        List.of(
                                "translate",
                                "--model",
                                model,
                                "--device",
                                "cpu",
                                "--num-beams",
                                "4",
                                "--do-sample",
                                "--temperature",
                                "1e-30",
                                "x"),
                        List.of("--temperature is 1.0E-30", "--num-beams is 4")),
                arguments(
                        List.of(
                                "translate",
                                "--model",
                                model,
                                "--device",
                                "cpu",
                                "--num-beams",
                                "4",
                                "--length-penalty",
                                "-1e300",
                                "x"),
                        List.of("--length-penalty is -1.0E300", "float32")),
                arguments(
                        List.of("translate", "--model", model, "--device", "cpu", "--max-new-tokens", "5000", "x"),
                        List.of("lower --max-new-tokens\n")),
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

    /** Neither is the input what the output grows in, nor what says what that was made from. */
    @ParameterizedTest
    @ValueSource(strings = {".partial", ".partial.json"})
    void inputAndPartialOutputAreTwo(String ending) throws IOException {
        Path out = folder.resolve("out.txt");
        Path in = Files.writeString(folder.resolve("out.txt" + ending), "Hello.\n");
        for (String more : List.of("--overwrite", "--resume", "--scores")) {
            Outcome.of("translate", "-m", Place.model(), "-i", in.toString(), "-o", out.toString(), more)
                    .mistake(in + " is both input and", "rename the input");
            assertEquals("Hello.\n", Files.readString(in));
        }
        Path link = Files.createSymbolicLink(folder.resolve("link.txt"), Files.writeString(out, "old\n"));
        Outcome.of("translate", "-m", Place.model(), "-i", in.toString(), "-o", link.toString(), "--overwrite")
                .mistake(" is both input and");
        assertEquals("Hello.\n", Files.readString(in));
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

    /** Whatever writes: no text is lost unsaid. */
    @ParameterizedTest
    @ValueSource(strings = {"devices", "inspect", "check", "--help", "--version", "translate --help"})
    void standardOutputThatIsFullOrClosed(String command) {
        List<String> line = new ArrayList<>(List.of(command.split(" ")));
        switch (command) {
            case "inspect" -> line.add(Place.model());
            case "check" -> line.addAll(List.of(Place.golden("marian").toString(), "--device", "cpu"));
            default -> {}
        }
        String[] arguments = line.toArray(String[]::new);
        Outcome full = Outcome.into(failing("No space left on device"), InputStream.nullInputStream(), arguments);
        assertEquals(ExitCode.MISTAKE, full.code());
        full.complaint("standard output: No space left on device");
        Outcome closed = Outcome.into(failing("Broken pipe"), InputStream.nullInputStream(), arguments);
        assertEquals(ExitCode.NO_READER, closed.code());
        assertEquals("", closed.err());
    }

    private static OutputStream failing(String why) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(why);
            }
        };
    }

    /** What the model's files set is not said to be an option of the command line. */
    @Test
    void anOptionOfTheModelsFileIsNamedWithTheFile() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("model"));
        try (Stream<Path> files = Files.list(Path.of(Place.model()))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        Path options = copy.resolve("generation_config.json");
        Files.writeString(options, Files.readString(options).replaceFirst("\\{", "{\"num_beam_groups\": 3, "));
        Outcome outcome = Outcome.of(
                        "translate", "-m", copy.toString(), "--device", "cpu", "--num-beams", "4", "Hello.")
                .mistake("--num-beams is 4", "num_beam_groups as in " + options);
        assertFalse(outcome.err().contains("--num-beam-groups"), outcome.err());
    }

    /** The script looks before the JVM puts other characters in place of such bytes. */
    @ParameterizedTest
    @CsvSource({
        "caf\\xe9,false",
        "\\xff,false",
        "\\xed\\xa0\\x80,false",
        "\\xf4\\x90\\x80\\x80,false",
        "\\xf0\\x9f\\x98,false",
        "caf\\xc3\\xa9,true",
        "\\xf0\\x9f\\x98\\x80\\n,true",
        "plain,true"
    })
    void argumentsThatAreNotUtf8(String bytes, boolean taken) throws IOException, InterruptedException {
        Path said = folder.resolve("said.txt");
        Process process = new ProcessBuilder(
                        "bash", "-euc", ". scripts/tools.sh; export LC_ALL=C.UTF-8; require_utf8 x $'" + bytes + "'")
                .directory(Place.root().toFile())
                .redirectError(said.toFile())
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        String line = Files.readString(said);
        assertEquals(taken ? 0 : ExitCode.MISTAKE, process.exitValue(), line);
        assertEquals(taken ? 0 : 1, line.lines().count(), line);
        assertTrue(taken || line.startsWith("gyre: argument 2, "), line);
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
