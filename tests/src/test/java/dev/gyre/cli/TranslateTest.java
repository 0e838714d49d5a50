package dev.gyre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class TranslateTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder = Path.of("");

    private static String[] arguments(String... more) {
        List<String> all = new ArrayList<>(List.of("translate", "--model", Place.model(), "--device", "cpu"));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void aSentence() {
        assertEquals(
                List.of("Das Wetter ist heute schön."),
                Outcome.of(arguments("The weather is nice today.")).quiet().lines());
    }

    @Test
    void linesStayLines() {
        List<String> sentences = Place.sentences(40);
        List<String> expected = new ArrayList<>();
        for (String sentence : sentences.subList(0, 3)) {
            expected.add(Outcome.of(arguments(sentence)).quiet().out());
        }
        String input = "\uFEFF" + sentences.get(0) + "\r\n\r\n" + sentences.get(1) + "\n  \n" + sentences.get(2);
        assertEquals(
                expected.get(0) + "\n" + expected.get(1) + "\n" + expected.get(2),
                Outcome.withInput(input, arguments()).quiet().out());
        List<String> all = Outcome.withInput(String.join("\n", sentences), arguments("--input", "-"))
                .quiet()
                .lines();
        assertEquals(sentences.size(), all.size());
        assertEquals(expected.get(2), all.get(2) + "\n");
    }

    @Test
    void nothingBecomesNothing() {
        assertEquals("", Outcome.withInput("", arguments()).quiet().out());
        assertEquals("\n", Outcome.of(arguments("")).quiet().out());
    }

    @Test
    void aLineBreakInAnArgumentIsALine() {
        List<String> sentences = Place.sentences(2);
        assertEquals(
                Outcome.of(arguments(sentences.get(0), sentences.get(1)))
                        .quiet()
                        .out(),
                Outcome.of(arguments(String.join("\n", sentences))).quiet().out());
    }

    @Test
    void jsonLines() throws IOException {
        Outcome outcome = Outcome.of(arguments("--format", "jsonl", "--scores", "--tokens-too", "x"));
        outcome.mistake("Unknown option", "--tokens-too");
        List<String> lines = Outcome.withInput(
                        "The \"weather\" is nice.\n\n",
                        arguments("--format", "jsonl", "--scores", "--num-beams", "4", "--num-return-sequences", "3"))
                .quiet()
                .lines();
        assertEquals(2, lines.size());
        JsonNode first = JSON.readTree(lines.get(0));
        assertEquals("The \"weather\" is nice.", first.get("source").textValue());
        assertEquals(2, first.get("alternatives").size());
        double score = first.get("score").doubleValue();
        assertTrue(score < 0
                && score >= first.get("alternatives").get(0).get("score").doubleValue());
        assertNotEquals(
                first.get("text").textValue(),
                first.get("alternatives").get(0).get("text").textValue());
        JsonNode second = JSON.readTree(lines.get(1));
        assertEquals("", second.get("source").textValue());
        assertEquals("", second.get("text").textValue());
    }

    @Test
    void severalHypothesesAreSeveralLines() {
        List<String> lines = Outcome.withInput(
                        "Good morning.\n\nThank you.\n",
                        arguments("--num-beams", "4", "--num-return-sequences", "2", "--scores"))
                .quiet()
                .lines();
        assertEquals(6, lines.size());
        for (int i : List.of(0, 1, 4, 5)) {
            assertTrue(lines.get(i).matches("-\\d+\\.\\d{6}\t.+"), lines.get(i));
        }
        assertEquals(
                Outcome.of(arguments("--num-beams", "4", "Thank you.")).quiet().out(),
                lines.get(4).substring(lines.get(4).indexOf('\t') + 1) + "\n");
    }

    @Test
    void tokensAreExactlyThese() {
        String tokens = Outcome.of(arguments("--tokens", "▁Good ▁morning . </s>"))
                .quiet()
                .out();
        assertTrue(tokens.startsWith("▁"), tokens);
        assertEquals(
                Outcome.of(arguments("Good morning.")).quiet().out().strip(),
                tokens.replace(" ", "").replace('▁', ' ').strip());
        assertEquals(
                "\n", Outcome.withInput("\n", arguments("--tokens")).quiet().out());
    }

    @Test
    void aForcedTokenComesFirst() {
        String tokens = Outcome.of(arguments("--tokens", "--forced-bos-token", "▁Ich", "▁Good ▁morning . </s>"))
                .quiet()
                .out();
        assertTrue(tokens.startsWith("▁Ich "), tokens);
        Outcome.of(arguments("--forced-bos-token", "▁nosuchtoken", "Hello."))
                .mistake("▁nosuchtoken", "not in the target vocabulary");
    }

    @Test
    void aSampleDependsOnTheSeedAndTheLineOnly() {
        String[] seven = arguments("--do-sample", "--num-beams", "1", "--seed", "7", "--num-return-sequences", "2");
        List<String> sentences = Place.sentences(6);
        String input = String.join("\n", sentences) + "\n";
        String first = Outcome.withInput(input, seven).quiet().out();
        assertEquals(first, Outcome.withInput(input, seven).quiet().out());
        assertNotEquals(
                first,
                Outcome.withInput(
                                input,
                                arguments(
                                        "--do-sample",
                                        "--num-beams",
                                        "1",
                                        "--seed",
                                        "8",
                                        "--num-return-sequences",
                                        "2"))
                        .quiet()
                        .out());
        // The lines behind stay as they are when one before them changes.
        String changed = "Something else.\n" + String.join("\n", sentences.subList(1, 6)) + "\n";
        assertEquals(
                first.lines().skip(2).toList(),
                Outcome.withInput(changed, seven).quiet().lines().subList(2, 12));
    }

    @Test
    void theBatchDoesNotShow() {
        String input = String.join("\n", Place.sentences(30));
        String one = Outcome.withInput(input, arguments("--batch-tokens", "64"))
                .quiet()
                .out();
        assertEquals(
                one,
                Outcome.withInput(input, arguments("--batch-tokens", "2000"))
                        .quiet()
                        .out());
    }

    @Test
    void intoAFile() throws IOException {
        Path in = Files.writeString(folder.resolve("in.txt"), String.join("\n", Place.sentences(20)));
        Path out = folder.resolve("out.txt");
        assertEquals(
                "",
                Outcome.of(arguments("-i", in.toString(), "-o", out.toString()))
                        .quiet()
                        .out());
        assertEquals(Outcome.of(arguments("--input", in.toString())).quiet().out(), Files.readString(out));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(2, left.count());
        }
    }

    @Test
    void aFileIsContinuedWhereItWasTorn() throws IOException {
        Path in = Files.writeString(folder.resolve("in.txt"), String.join("\n", Place.sentences(20)) + "\n");
        Path out = folder.resolve("out.txt");
        String[] run =
                arguments("-i", in.toString(), "-o", out.toString(), "--do-sample", "--num-beams", "1", "--seed", "3");
        String[] resume = Stream.concat(Stream.of(run), Stream.of("--resume")).toArray(String[]::new);
        Outcome.of(run).quiet();
        String whole = Files.readString(out);
        Files.delete(out);
        // An input that breaks off leaves what a killed process leaves.
        Files.write(in, concat(Files.readAllBytes(in), new byte[] {(byte) 0xFF, '\n'}));
        Outcome.of(run).mistake("line 21", "0xff", "is not UTF-8");
        Path partial = folder.resolve("out.txt.partial");
        assertEquals(whole, Files.readString(partial));
        assertFalse(Files.exists(out));
        Outcome.of(run).mistake("--resume", "--overwrite");
        // Mending the input makes it another one.
        Files.writeString(in, String.join("\n", Place.sentences(20)) + "\n");
        Outcome.of(resume).mistake("cannot be resumed", "the input was");
        String[] over = Stream.concat(Stream.of(run), Stream.of("--overwrite")).toArray(String[]::new);
        Outcome.of(over).quiet();
        assertEquals(whole, Files.readString(out));
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] all = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    @Test
    void whatCannotBeReadAgainCannotBeResumed() {
        Path out = folder.resolve("out.txt");
        Outcome.withInput("Hello.\n", arguments("-o", out.toString(), "--resume"))
                .mistake("--resume needs an input that can be read again");
        Outcome.of(arguments("-i", "/dev/null", "-o", out.toString(), "--resume"))
                .mistake("--resume needs an input that can be read again");
        Outcome.withInput("Hello.\n", arguments("--resume")).mistake("--resume needs --output");
    }

    @Test
    void standardInputIntoAFile() throws IOException {
        Path out = folder.resolve("out.txt");
        Outcome.withInput("Good morning.\n".getBytes(StandardCharsets.UTF_8), arguments("-o", out.toString()))
                .quiet();
        assertEquals(Outcome.of(arguments("Good morning.")).out(), Files.readString(out));
    }
}
