package dev.gyre.tokens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.OneLine;
import dev.gyre.SharedFolder;
import dev.gyre.weights.ModelFormatException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentencePieceTokenizerTest {

    private static final int SIZE = 8001;

    @TempDir
    Path folder;

    /** Expected ids and texts are those of MarianTokenizer, transformers 5.18, on the same files. */
    @Test
    void agreesWithTheReferenceOnOddStrings() throws Exception {
        JsonNode cases;
        try (InputStream json = SentencePieceTokenizerTest.class.getResourceAsStream("marian.json")) {
            cases = new ObjectMapper().readTree(json);
        }
        assertTrue(cases.size() > 60, "the file of cases is cut off");
        try (Tokenizer tokenizer = open()) {
            for (JsonNode c : cases) {
                String text = c.get("text").textValue();
                int[] ids = new ObjectMapper().convertValue(c.get("ids"), int[].class);
                assertArrayEquals(ids, tokenizer.encode(text), () -> "ids of " + c.get("text"));
                assertEquals(c.get("decoded").textValue(), tokenizer.decode(ids), () -> "text of " + c.get("ids"));
            }
        }
    }

    /** The digest is that of MarianTokenizer's ids, both languages, one after the other. */
    @Test
    void agreesWithTheReferenceOnTheTestSet() throws Exception {
        Path set = SharedFolder.require("data/tatoeba-en-de/test.en-de.tsv");
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        int count = 0;
        try (Tokenizer tokenizer = open()) {
            for (String line : Files.readString(set).split("\n")) {
                for (String text : Arrays.copyOf(line.split("\t"), 2)) {
                    int[] ids = tokenizer.encode(text);
                    ByteBuffer bytes = ByteBuffer.allocate(4 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
                    Arrays.stream(ids).forEach(bytes::putInt);
                    digest.update(bytes.array());
                    count += ids.length;
                }
            }
        }
        assertEquals(38955, count);
        assertEquals(
                "8f4196299e5ba856c1679c9e66662d58e607bd2b10031cce23f04c98a7a8ac77",
                HexFormat.of().formatHex(digest.digest()));
    }

    @Test
    void aLanguageCodeIsOneToken() throws Exception {
        copyModel();
        ObjectMapper json = new ObjectMapper();
        Path file = folder.resolve("vocab.json");
        ObjectNode vocabulary = (ObjectNode) json.readTree(file.toFile());
        int code = vocabulary.remove("▁the").intValue();
        vocabulary.put(">>deu<<", code);
        json.writeValue(file.toFile(), vocabulary);
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(folder, SIZE, SIZE)) {
            int[] plain = tokenizer.encode("Hello there.");
            int[] coded = tokenizer.encode(">>deu<< Hello there.");
            assertEquals(code, coded[0]);
            assertArrayEquals(plain, Arrays.copyOfRange(coded, 1, coded.length));
            // What MarianTokenizer of transformers 5.18 makes of the same files: everything from ">>" to the first
            // "<<".
            Map<String, int[]> edges = Map.of(
                    ">>deu<<", new int[] {13, 0},
                    ">>deu<<Hello.", new int[] {13, 43, 90, 143, 2, 0},
                    ">>deu Hello.", new int[] {29, 1, 471, 205, 43, 90, 143, 2, 0},
                    ">><< Hello.", new int[] {1, 43, 90, 143, 2, 0},
                    ">>x<<y<< Hello.", new int[] {1, 29, 163, 1, 43, 90, 143, 2, 0},
                    ">>\n<<Hello.", new int[] {1, 43, 90, 143, 2, 0},
                    " >>deu<< Hello.", new int[] {29, 1, 471, 205, 1, 43, 90, 143, 2, 0},
                    "Hello</s>>>deu<< there.", new int[] {43, 90, 143, 0, 13, 192, 2, 0},
                    "<<deu>> Hello.", new int[] {29, 1, 471, 205, 1, 43, 90, 143, 2, 0});
            edges.forEach((text, ids) -> assertArrayEquals(ids, tokenizer.encode(text), text));
        }
    }

    @Test
    void halvesOfSurrogatesAreReplacementCharacters() {
        try (Tokenizer tokenizer = open()) {
            assertArrayEquals(tokenizer.encode("a\uFFFDb \uFFFD"), tokenizer.encode("a\uD800b \uDC00"));
            assertArrayEquals(tokenizer.encode("👍"), tokenizer.encode("\uD83D\uDC4D"));
        }
    }

    @Test
    void tokensAreLookedUpAsTheyStand() {
        try (Tokenizer tokenizer = open()) {
            int[] ids = tokenizer.sourceIds(List.of("▁the", "no such token", "</s>"));
            assertEquals(1, ids[1]);
            assertEquals(0, ids[2]);
            assertEquals(List.of("▁the", "<unk>", "</s>"), tokenizer.targetTokens(ids));
            assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(new int[] {8001}));
        }
    }

    @Test
    void manyThreadsGetTheSameIds() throws Exception {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            texts.add("Sentence number " + i + " is about " + "many ".repeat(i % 7) + "things.");
        }
        try (Tokenizer tokenizer = open();
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<int[]> alone = texts.stream().map(tokenizer::encode).toList();
            List<Callable<List<int[]>>> jobs = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                jobs.add(() -> texts.stream().map(tokenizer::encode).toList());
            }
            for (Future<List<int[]>> result : threads.invokeAll(jobs)) {
                for (int i = 0; i < texts.size(); i++) {
                    assertArrayEquals(alone.get(i), result.get().get(i));
                }
            }
        }
    }

    @Test
    void refusesAfterClosing() {
        Tokenizer tokenizer = open();
        tokenizer.close();
        tokenizer.close();
        assertThrows(IllegalStateException.class, () -> tokenizer.encode("a"));
        assertThrows(IllegalStateException.class, () -> tokenizer.decode(new int[] {5}));
    }

    @Test
    void refusesFilesThatAreMissingOrDamaged() throws Exception {
        copyModel();
        byte[] model = Files.readAllBytes(folder.resolve("source.spm"));
        Files.write(folder.resolve("source.spm"), Arrays.copyOf(model, model.length / 2));
        assertRefused("source.spm is not a SentencePiece model");
        Files.write(folder.resolve("source.spm"), new byte[0]);
        assertRefused("source.spm is not a SentencePiece model");
        Files.write(folder.resolve("source.spm"), model);
        Files.write(folder.resolve("target.spm"), "text".getBytes(StandardCharsets.UTF_8));
        assertRefused("target.spm is not a SentencePiece model");
        Files.write(folder.resolve("target.spm"), model);
        Files.writeString(folder.resolve("vocab.json"), "{\"</s>\": 0, \"<unk>\": 8001}");
        assertRefused("vocab.json", "\"<unk>\" has id 8001; the model has ids 0 to 8000");
        Files.writeString(folder.resolve("vocab.json"), "{\"</s>\": 0, \"<unk>\": 0}");
        assertRefused("vocab.json", "the same id 0");
        Files.writeString(folder.resolve("vocab.json"), "{\"</s>\": 0}");
        assertRefused("vocab.json", "no token <unk>");
        Files.writeString(folder.resolve("vocab.json"), "[\"</s>\"]");
        assertRefused("vocab.json", "JSON object");
        Files.delete(folder.resolve("vocab.json"));
        assertRefused("vocab.json", "source.spm, target.spm and vocab.json");
        Files.delete(folder.resolve("source.spm"));
        assertTrue(SentencePieceTokenizer.isIn(folder), "what is left of the files says what they were");
        assertRefused("source.spm", "source.spm, target.spm and vocab.json");
    }

    private void assertRefused(String... parts) {
        OneLine.assertFails(
                ModelFormatException.class,
                () -> SentencePieceTokenizer.open(folder, SIZE, SIZE).close(),
                parts);
    }

    private void copyModel() throws Exception {
        for (String name : List.of("source.spm", "target.spm", "vocab.json")) {
            Files.copy(SharedFolder.englishGerman().resolve(name), folder.resolve(name));
        }
    }

    private static Tokenizer open() {
        return SentencePieceTokenizer.open(SharedFolder.englishGerman(), SIZE, SIZE);
    }
}
