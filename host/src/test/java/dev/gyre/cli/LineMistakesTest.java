package dev.gyre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.weights.Json;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A mistake in a line is told with the file, the line, and what to do, and lines before it are worked on. */
class LineMistakesTest {

    @TempDir
    Path temporary;

    private record Ran(int code, String out, String err) {

        /** One line, exit code 2, these parts. */
        Ran mistake(String... parts) {
            assertEquals(2, code, err);
            assertEquals(1, err.lines().count(), err);
            for (String part : parts) {
                assertTrue(err.contains(part), () -> "\"" + part + "\" is not in: " + err);
            }
            return this;
        }
    }

    @ParameterizedTest
    @CsvSource({"embed,embed", "classify,classify", "tags,classify"})
    void aTextOfNoTokensIsNamed(String model, String command) throws IOException {
        String folder = withoutSpecialTokens(model);
        run("", command, "-m", folder, "--device", "cpu", "").mistake("argument 1: ", "no tokens", "leave it out");
        Ran ran = run("water\nbrown dogs\n\nwater\n", command, "-m", folder, "--device", "cpu")
                .mistake("standard input: line 3: ", "no tokens");
        assertEquals(run("water\nbrown dogs\n", command, "-m", folder, "--device", "cpu").out, ran.out);
    }

    @Test
    void similarNamesNoTokensToo() throws IOException {
        String folder = withoutSpecialTokens("embed");
        run("", "similar", "-m", folder, "--device", "cpu", "--tokens", "").mistake("no tokens");
        run("", "similar", "-m", folder, "--device", "cpu", "water", "").mistake("no tokens");
    }

    /** The model without what its tokenizer puts around a text. */
    private String withoutSpecialTokens(String model) throws IOException {
        Path copy = copy("/models/" + model);
        Path tokenizer = copy.resolve("tokenizer.json");
        ObjectNode json = Json.readObject(tokenizer);
        json.putNull("post_processor");
        Files.writeString(tokenizer, json.toString());
        return copy.toString();
    }

    private Path copy(String resource) throws IOException {
        Path copy = Files.createDirectory(temporary.resolve("model"));
        try (Stream<Path> files = Files.list(Path.of(folder(resource)))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    @Test
    void theVeryLineThatIsTooLong() throws IOException {
        String longLine = "word ".repeat(90);
        Path in = Files.writeString(temporary.resolve("in.txt"), "water\n".repeat(20) + longLine + "\nwater\n");
        for (List<String> command : List.of(
                List.of("embed", "-m", folder("/models/embed")),
                List.of("classify", "-m", folder("/models/classify")),
                List.of("generate", "-m", folder("/models/gpt2"), "--max-new-tokens", "2"))) {
            List<String> line = new ArrayList<>(command);
            line.addAll(List.of("--device", "cpu", "-i", in.toString()));
            Ran ran = run("", line.toArray(String[]::new)).mistake(in + ": line 21: ", " tokens; at most 64");
            assertEquals(20, ran.out.lines().count());
            assertEquals(!command.getFirst().equals("generate"), ran.err.contains("choose to truncate"), ran.err);
        }
        Ran scored = run("", "score", "-m", folder("/models/gpt2"), "--device", "cpu", "--target", in.toString())
                .mistake(in + ": line 21: ", " tokens");
        assertEquals(20, scored.out.lines().count());
        assertFalse(scored.err.contains("truncate"), scored.err);
    }

    /** What is drawn for a line does not depend on whether another is a mistake. */
    @Test
    void linesBeforeAMistakeAreDrawnAsEver() {
        String[] generate = {
            "generate", "-m", folder("/models/gpt2"), "--device", "cpu", "--max-new-tokens", "6", "--do-sample",
        };
        String lines = "The animal\nw\nwater\nThe animal\nw\n";
        Ran whole = run(lines, generate);
        assertEquals(0, whole.code, whole.err);
        assertEquals(whole.out, run(lines + "word ".repeat(90) + "\n", generate).mistake("line 6").out);
    }

    @Test
    void pairsWithoutATabAreNamed() throws IOException {
        String[] classify = {"classify", "-m", folder("/models/classify"), "--device", "cpu", "--pairs"};
        run("", append(classify, "hello")).mistake("argument 1: the text has 0 tabs");
        Path in = Files.writeString(temporary.resolve("pairs.txt"), "a\tb\na\tb\tc\n");
        run("", append(classify, "-i", in.toString())).mistake(in + ": line 2: the text has 2 tabs");
    }

    @ParameterizedTest
    @CsvSource({
        "embed,embed,--batch-tokens",
        "classify,classify,--batch-tokens",
        "gpt2,generate,--max-context",
        "gpt2,score,--max-length"
    })
    void zeroIsNotNotGiven(String model, String command, String option) throws IOException {
        Path target = Files.writeString(temporary.resolve("target"), "w\n");
        for (String number : List.of("0", "-5")) {
            List<String> line = new ArrayList<>(
                    List.of(command, "-m", folder("/models/" + model), "--device", "cpu", option + "=" + number));
            line.addAll(command.equals("score") ? List.of("--target", target.toString()) : List.of("w"));
            run("", line.toArray(String[]::new)).mistake(option, " 1", "not " + number);
        }
    }

    @Test
    void translatingWithAModelOfAnotherKindNamesTheCommand() {
        run("", "translate", "-m", folder("/models/gpt2"), "--device", "cpu", "x")
                .mistake("gyre generate");
        run("", "translate", "-m", folder("/models/embed"), "--device", "cpu", "x")
                .mistake("gyre embed");
    }

    @Test
    void lengthsAreNamedAsOptionsThatThereAre() {
        Ran ran = run("", "generate", "-m", folder("/models/gpt2"), "--device", "cpu", "--max-new-tokens", "5000", "w")
                .mistake("argument 1: --max-new-tokens 5000", "lower --max-new-tokens");
        assertFalse(ran.err.contains("max-length") || ran.err.contains("max_length"), ran.err);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"x\"", "[]", "7", "true"})
    void rotaryPositionsAreAnObject(String value) throws IOException {
        Path model = copy("/cases/llama_yarn");
        Path config = model.resolve("config.json");
        for (String field : List.of("rope_parameters", "rope_scaling")) {
            ObjectNode json = Json.readObject(config);
            json.remove(List.of("rope_parameters", "rope_scaling"));
            json.set(
                    field,
                    Json.readObject(Files.writeString(temporary.resolve("v.json"), "{\"v\": " + value + "}"))
                            .get("v"));
            Files.writeString(config, json.toString());
            run("", "inspect", model.toString()).mistake(config.toString(), field + " is " + value, "object");
        }
    }

    /** Also by another name, and as what the output is written to before it is whole. */
    @ParameterizedTest
    @CsvSource({
        "embed,embed,-i",
        "classify,classify,-i",
        "gpt2,generate,-i",
        "gpt2,score,--target",
        "score,score,--source"
    })
    void inputAndOutputAreTwo(String model, String command, String option) throws IOException {
        Path in = Files.writeString(temporary.resolve("in.txt"), "water\n");
        Path other = Files.createSymbolicLink(temporary.resolve("other.txt"), in);
        Path hard = Files.createLink(temporary.resolve("hard.txt"), in);
        Path target = Files.writeString(temporary.resolve("target.txt"), "w\n");
        // Said before the model is looked at, so that any will do.
        String[] line = {command, "-m", folder("/models/" + (model.equals("score") ? "gpt2" : model)), option};
        for (Path output : List.of(in, other, hard)) {
            List<String> all = new ArrayList<>(List.of(append(line, in.toString(), "-o", output.toString())));
            if (option.equals("--source")) {
                all.addAll(List.of("--target", target.toString()));
            }
            run("", all.toArray(String[]::new)).mistake("is both input ", "give another --output");
            assertEquals("water\n", Files.readString(in));
            assertEquals("water\n", Files.readString(output));
        }
        Path unfinished = Files.copy(in, temporary.resolve("out.txt.unfinished"));
        List<String> all = new ArrayList<>(List.of(append(
                line, unfinished.toString(), "-o", temporary.resolve("out.txt").toString())));
        if (option.equals("--source")) {
            all.addAll(List.of("--target", target.toString()));
        }
        run("", all.toArray(String[]::new)).mistake("out.txt.unfinished is both input and");
        assertEquals("water\n", Files.readString(unfinished));
    }

    /** What translate can go on with stays whole whatever another command does with the same name, and so does the output. */
    @Test
    void whatCanBeResumedStays() throws IOException {
        Path out = temporary.resolve("out.txt");
        Path partial = Files.writeString(temporary.resolve("out.txt.partial"), "Wasser\n");
        Path journal = Files.writeString(temporary.resolve("out.txt.partial.json"), "{}");
        String[] embed = {"embed", "-m", folder("/models/embed"), "--device", "cpu", "-o", out.toString()};
        assertEquals(0, run("water\n", embed).code);
        String whole = Files.readString(out);
        run("water\n" + "word ".repeat(90) + "\n", embed).mistake("standard input: line 2: ");
        assertEquals(whole, Files.readString(out));
        assertEquals("Wasser\n", Files.readString(partial));
        assertEquals("{}", Files.readString(journal));
    }

    private static String[] append(String[] line, String... more) {
        return Stream.concat(Stream.of(line), Stream.of(more)).toArray(String[]::new);
    }

    private static Ran run(String in, String... arguments) {
        InProcess.Ran ran = InProcess.run(in, arguments);
        return new Ran(ran.code(), ran.out(), ran.err());
    }

    private static String folder(String resource) {
        try {
            return Path.of(Objects.requireNonNull(LineMistakesTest.class.getResource(resource))
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
