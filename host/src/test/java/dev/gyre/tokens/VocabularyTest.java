package dev.gyre.tokens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gyre.OneLine;
import dev.gyre.weights.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VocabularyTest {

    @TempDir
    Path folder;

    @Test
    void appendsTheUnknownTokenToAList() throws IOException {
        Vocabulary vocabulary = lines("<s>\n</s>\na\nb\n");
        assertEquals(5, vocabulary.size());
        assertEquals("<unk>", vocabulary.token(4));
        assertArrayEquals(new int[] {3, 4, 2}, vocabulary.ids(List.of("b", "c", "a")));
        assertEquals(3, lines("<unk>\na\nb").size());
    }

    @Test
    void aLineEndsInALineFeedOnly() throws IOException {
        Vocabulary odd = lines("a\n\r\n\u2028\n\u0085\n\n \n");
        assertEquals(7, odd.size());
        assertEquals("\r", odd.token(1));
        assertEquals("", odd.token(4));
        Vocabulary windows = lines("a\r\nb\r\n");
        assertEquals("b", windows.token(1));
    }

    @Test
    void readsJsonLists() throws IOException {
        Path file = Files.writeString(folder.resolve("v.json"), "[\"<unk>\", \"a\", \"\\u00e4\"]");
        assertEquals("ä", Vocabulary.ofList(file, "<unk>").token(2));
        Files.writeString(file, "[\"a\", 7]");
        OneLine.assertFails(
                ModelFormatException.class, () -> Vocabulary.ofList(file, "<unk>"), "v.json", "entry 1 is 7");
        Files.writeString(file, "{}");
        OneLine.assertFails(ModelFormatException.class, () -> Vocabulary.ofList(file, "<unk>"), "JSON array");
    }

    @Test
    void refusesBytesThatAreNoText() throws IOException {
        Path file = Files.write(folder.resolve("v.txt"), new byte[] {'a', '\n', (byte) 0xff, '\n'});
        OneLine.assertFails(ModelFormatException.class, () -> Vocabulary.ofList(file, "<unk>"), "v.txt", "not UTF-8");
    }

    @Test
    void namesATokenThatNothingStandsFor() throws IOException {
        Path file = Files.writeString(folder.resolve("vocab.json"), "{\"a\": 0}");
        Vocabulary vocabulary = Vocabulary.ofMap(file, 2, "<unk>");
        OneLine.assertFails(
                UnknownTokenException.class,
                () -> vocabulary.ids(List.of("a", "b")),
                "\"b\" is not in the vocabulary",
                "vocab.json");
        OneLine.assertFails(IllegalArgumentException.class, () -> vocabulary.token(1), "id 1");
    }

    @Test
    void aTokenizerOfWordsAddsWhatTheModelWants() throws IOException {
        Vocabulary vocabulary = lines("<s>\n</s>\na\nb\n");
        VocabularyTokenizer tokenizer =
                new VocabularyTokenizer(vocabulary, vocabulary, List.of(0), List.of(1), List.of(1), Set.of(1));
        assertArrayEquals(new int[] {0, 2, 4, 3, 1}, tokenizer.encode(" a  zzz b "));
        assertArrayEquals(new int[] {0, 1}, tokenizer.encode(""));
        assertArrayEquals(new int[] {2, 3}, tokenizer.sourceIds(List.of("a", "b")));
        assertEquals("a <unk>", tokenizer.decode(new int[] {2, 4, 1}));
        assertEquals(List.of("</s>"), tokenizer.targetTokens(new int[] {1}));
        assertArrayEquals(new int[] {0, 2, 1}, tokenizer.truncate(tokenizer.encode("a b a"), 3));
        Vocabulary target = Vocabulary.ofList(Files.writeString(folder.resolve("t.txt"), "</s>\nx\na\n"), "<unk>");
        VocabularyTokenizer two =
                new VocabularyTokenizer(vocabulary, target, List.of(0), List.of(1), List.of(0), Set.of(0));
        assertArrayEquals(new int[] {2, 3, 1, 0}, two.encodeTarget("a b x"));
    }

    private Vocabulary lines(String text) throws IOException {
        return Vocabulary.ofList(Files.writeString(folder.resolve("v.txt"), text), "<unk>");
    }
}
