package dev.gyre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands for families other than translation, run in this process. */
class FamilyCommandsTest {

    @TempDir
    Path temporary;

    /** What a command said and wrote. */
    private record Ran(int code, String out, String err) {}

    @Test
    void embedWritesALineOfNumbersForALine() throws IOException {
        JsonNode mean = new ObjectMapper()
                .readTree(Path.of(model("embed")).resolve("expected_embed.json").toFile())
                .path("mean");
        Ran ran = run("water\n\nBlack and brown dogs\n", "embed", "-m", model("embed"), "--device", "cpu");
        assertEquals(0, ran.code, ran.err);
        List<String> lines = ran.out.lines().toList();
        assertEquals(3, lines.size());
        String[] numbers = lines.getFirst().split(" ");
        assertEquals(32, numbers.length);
        assertEquals(mean.get(2).get(5).asDouble(), Double.parseDouble(numbers[5]), 1e-5);
    }

    @Test
    void embedIntoAFileThatAppearsWhenWhole() throws IOException {
        Path file = temporary.resolve("vectors.jsonl");
        Ran ran = run(
                "", "embed", "-m", model("embed"), "--device", "cpu", "--format", "jsonl", "-o", file.toString(), "a");
        assertEquals(0, ran.code, ran.err);
        JsonNode line = new ObjectMapper().readTree(file.toFile());
        assertEquals("a", line.path("text").asText());
        assertEquals(32, line.path("embedding").size());
        try (Stream<Path> files = Files.list(temporary)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void classifyTextsAndTokens() {
        Ran texts = run("", "classify", "-m", model("classify"), "--device", "cpu", "--top", "3", "water");
        assertTrue(texts.out.startsWith("neg\t0.339231\tneu\t0.331228\tpos\t"), texts.out + texts.err);
        Ran pairs = run(
                "a word\tanother word of the text\n",
                "classify",
                "-m",
                model("classify"),
                "--device",
                "cpu",
                "--pairs");
        assertEquals("neg\t0.339294\n", pairs.out, pairs.err);
        Ran tokens = run("", "classify", "-m", model("tags"), "--device", "cpu", "The animal");
        assertTrue(tokens.out.startsWith("the\tLABEL_") && tokens.out.endsWith("\n\n"), tokens.out + tokens.err);
    }

    @Test
    void inspectSaysOfEncodersWhatEncodersHave() {
        Ran electra = run("", "inspect", folder("/cases/electra_narrow"));
        assertEquals(0, electra.code, electra.err);
        assertTrue(electra.out.contains("electra"), electra.out);
        assertTrue(electra.out.contains("texts at once"), electra.out);
        assertFalse(electra.out.contains("hypotheses") || electra.out.contains("caches"), electra.out);
        assertFalse(electra.out.contains(" target"), electra.out);
        assertTrue(run("", "inspect", folder("/cases/llama_yarn")).out.contains("hypotheses"));
    }

    @Test
    void rotaryPositionsThatAreNotKnownAreOneLine(@TempDir Path temporary) throws IOException {
        Path yarn = Path.of(folder("/cases/llama_yarn"));
        for (String name : List.of("config.json", "generation_config.json", "model.safetensors")) {
            Files.copy(yarn.resolve(name), temporary.resolve(name));
        }
        Path config = temporary.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"yarn\"", "\"longrope\""));
        Ran ran = run("", "inspect", temporary.toString());
        assertEquals(2, ran.code, ran.err);
        assertEquals(1, ran.err.lines().count(), ran.err);
        assertTrue(ran.err.contains("longrope"), ran.err);
    }

    @Test
    void similarComparesEveryTwo() {
        Ran ran = run("", "similar", "-m", model("embed"), "--device", "cpu", "black", "brown", "black");
        assertEquals(3, ran.out.lines().count(), ran.err);
        assertTrue(ran.out.contains(" 1.0000\tblack\tblack"), ran.out);
    }

    @Test
    void generateStreamsOneAndWritesSeveral() {
        Ran one = run("", "generate", "-m", model("gpt2"), "--device", "cpu", "--max-new-tokens", "7", "The animal");
        assertEquals(0, one.code, one.err);
        Ran same = run("The animal\nw\n", "generate", "-m", model("gpt2"), "--device", "cpu", "--max-new-tokens", "7");
        assertEquals(2, same.out.lines().count());
        assertEquals(one.out.lines().findFirst(), same.out.lines().findFirst());
    }

    @Test
    void targetsBeginWithTheirPrefix() {
        Ran ran = run(
                "",
                "generate",
                "-m",
                model("gpt2"),
                "--device",
                "cpu",
                "--max-new-tokens",
                "3",
                "--target-prefix",
                "w",
                "w");
        Ran whole = run("", "generate", "-m", model("gpt2"), "--device", "cpu", "--max-new-tokens", "3", "ww");
        assertEquals(0, ran.code, ran.err);
        assertEquals(whole.out, ran.out);
    }

    @Test
    void scoreWritesALineForALine() throws IOException {
        Path target = Files.writeString(temporary.resolve("target"), "The animal\nwater\n");
        Ran ran = run("", "score", "-m", model("gpt2"), "--device", "cpu", "--target", target.toString());
        assertEquals(0, ran.code, ran.err);
        assertEquals(2, ran.out.lines().count());
        assertTrue(ran.out.startsWith("-"), ran.out);
        assertTrue(ran.err.contains("perplexity"), ran.err);
    }

    /** As much as can be asked for is what the model takes. */
    @Test
    void scoreTakesTheLongestLengthThereIs() throws IOException {
        Path target = Files.writeString(temporary.resolve("target"), "The animal\n");
        Ran usual = run("", "score", "-m", model("gpt2"), "--device", "cpu", "--target", target.toString());
        Ran most = run(
                "",
                "score",
                "-m",
                model("gpt2"),
                "--device",
                "cpu",
                "--target",
                target.toString(),
                "--max-length",
                "1048576");
        assertEquals(0, most.code, most.err);
        assertEquals(usual.out, most.out);
    }

    @Test
    void attentionWritesAPageOrADrawing() throws IOException {
        for (String ending : List.of("html", "svg")) {
            Path file = temporary.resolve("map." + ending);
            Ran ran =
                    run("", "attention", "-m", model("embed"), "--device", "cpu", "The animal", "-o", file.toString());
            assertEquals(0, ran.code, ran.err);
            assertTrue(Files.readString(file).contains("anima"));
        }
    }

    @Test
    void aFirstTokenIsATokenOrAnId() {
        for (String token : List.of("150", "The")) {
            Ran ran = run(
                    "",
                    "generate",
                    "-m",
                    model("gpt2"),
                    "--device",
                    "cpu",
                    "--max-new-tokens",
                    "3",
                    "--forced-bos-token",
                    token,
                    "w");
            assertEquals(token.equals("150") ? 0 : 2, ran.code, ran.err);
        }
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments(List.of("embed", "x"), "--model"),
                arguments(List.of("embed", "-m", model("gpt2"), "x"), "encoder-only"),
                arguments(List.of("embed", "-m", model("embed"), "--pooling", "nix", "x"), "--pooling"),
                arguments(List.of("embed", "-m", model("embed"), "--device", "cpu", "word ".repeat(90)), "at most 64"),
                arguments(List.of("classify", "-m", model("embed"), "--device", "cpu", "x"), "without a classifier"),
                arguments(List.of("classify", "-m", model("classify"), "--top", "0", "x"), "--top"),
                arguments(List.of("classify", "-m", model("classify"), "--device", "cpu", "--pairs", "x"), "0 tabs"),
                arguments(List.of("similar", "-m", model("embed"), "x"), "two texts"),
                arguments(List.of("generate", "-m", model("embed"), "x"), "decoder-only"),
                arguments(List.of("generate", "-m", model("gpt2"), "--device", "cpu", "word ".repeat(90)), "64"),
                arguments(List.of("generate", "-m", model("gpt2"), "--device", "cpu", "--stop", "", "x"), "--stop"),
                arguments(
                        List.of("generate", "-m", model("gpt2"), "--forced-bos-token", "nosuchtoken", "x"),
                        "\"nosuchtoken\" is not in the target vocabulary"),
                arguments(
                        List.of("generate", "-m", model("gpt2"), "--forced-bos-token", "3000000000", "x"),
                        "ids go from 0 to"),
                arguments(List.of("generate", "-m", model("gpt2"), "--forced-bos-token=-1", "x"), "ids go from 0 to"),
                arguments(List.of("generate", "-m", model("llama3"), "--device", "cpu", "x"), "no tokenizer files"),
                arguments(List.of("score", "-m", model("gpt2"), "--target", "nowhere"), "nowhere"),
                arguments(
                        List.of("score", "-m", model("gpt2"), "--target", "x", "--max-length", "2147483647"),
                        "--max-length must be a whole number from 1 to 1048576, not 2147483647"),
                arguments(
                        List.of("score", "-m", model("gpt2"), "--target", "x", "--max-length=-5"),
                        "--max-length must be a whole number from 1 to 1048576, not -5"),
                arguments(
                        List.of("embed", "-m", model("embed"), "--batch-tokens", "2147483647", "x"),
                        "--batch-tokens must be a whole number from 1 to 1048576, not 2147483647"),
                arguments(
                        List.of(
                                "score",
                                "-m",
                                model("gpt2"),
                                "--device",
                                "cpu",
                                "--memory-limit",
                                "1K",
                                "--target",
                                "x"),
                        "lower --max-length), or raise --memory-limit"),
                arguments(
                        List.of("generate", "-m", model("gpt2"), "--device", "cpu", "--memory-limit", "1K", "x"),
                        "lower --max-context), or raise --memory-limit"),
                arguments(
                        List.of("embed", "-m", model("embed"), "--device", "cpu", "--memory-limit", "1K", "x"),
                        "lower --batch-tokens), or raise --memory-limit"),
                arguments(List.of("score", "-m", model("embed"), "--target", "nowhere"), "encoder-only"),
                arguments(List.of("attention", "-m", model("embed"), "x", "-o", "map.txt"), ".html, .svg or .png"),
                arguments(List.of("attention", "-m", model("embed"), "x", "--target", "y", "-o", "m.svg"), "target"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakesAreOneLine(List<String> arguments, String part) {
        Ran ran = run("", arguments.toArray(String[]::new));
        assertEquals(2, ran.code, ran.err);
        assertEquals(1, ran.err.lines().count(), ran.err);
        assertTrue(ran.err.contains(part), ran.err);
        assertFalse(Files.exists(Path.of("map.txt")));
    }

    private static Ran run(String in, String... arguments) {
        InProcess.Ran ran = InProcess.run(in, arguments);
        return new Ran(ran.code(), ran.out(), ran.err());
    }

    private static String model(String name) {
        return folder("/models/" + name);
    }

    private static String folder(String resource) {
        try {
            return Path.of(Objects.requireNonNull(FamilyCommandsTest.class.getResource(resource))
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatIsDrawnDependsOnTheLine() {
        String lines = "The animal\n".repeat(1030);
        Ran ran = run(
                lines,
                "generate",
                "-m",
                model("gpt2"),
                "--device",
                "cpu",
                "--do-sample",
                "--seed",
                "5",
                "--max-new-tokens",
                "3");
        assertEquals(0, ran.code, ran.err);
        List<String> drawn = ran.out.lines().toList();
        assertEquals(1030, drawn.size());
        // Lines were once counted anew after every 1024.
        assertNotEquals(drawn.subList(0, 6), drawn.subList(1024, 1030));
    }
}
