package dev.gyre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultFileTest {

    private static final Journal JOURNAL = new Journal(1, Map.of("input", "abc", "--num-beams", "4"));

    @TempDir
    Path folder = Path.of("");

    private Path file = Path.of("");
    private Path partial = Path.of("");

    @BeforeEach
    void names() {
        file = folder.resolve("out.txt");
        partial = folder.resolve("out.txt.partial");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theFileAppearsWhenItIsWhole() throws IOException {
        Files.writeString(file, "old\n");
        try (ResultFile out = ResultFile.open(file, JOURNAL, false, false)) {
            out.write(bytes("eins\n"));
            assertEquals("old\n", Files.readString(file));
            assertEquals("eins\n", Files.readString(partial));
            out.write(bytes("zwei\n"));
            out.finish();
        }
        assertEquals("eins\nzwei\n", Files.readString(file));
        assertEquals(List.of("out.txt"), left());
    }

    @Test
    void whatWasInterruptedIsContinued() throws IOException {
        try (ResultFile out = ResultFile.open(file, JOURNAL, false, false)) {
            out.write(bytes("eins\n"));
            out.write(bytes("zwei\n"));
        }
        assertFalse(Files.exists(file));
        try (ResultFile out = ResultFile.open(file, JOURNAL, true, false)) {
            assertEquals(2, out.present());
            out.write(bytes("drei\n"));
            out.finish();
        }
        assertEquals("eins\nzwei\ndrei\n", Files.readString(file));
        assertEquals(List.of("out.txt"), left());
    }

    @Test
    void aTornLineIsMadeAgain() throws IOException {
        try (ResultFile out = ResultFile.open(file, JOURNAL, false, false)) {
            out.write(bytes("eins\nzw"));
        }
        try (ResultFile out = ResultFile.open(file, JOURNAL, true, false)) {
            assertEquals(1, out.present());
            out.write(bytes("zwei\n"));
            out.finish();
        }
        assertEquals("eins\nzwei\n", Files.readString(file));
    }

    @Test
    void aRecordOfWhichLinesAreMissingIsMadeAgain() throws IOException {
        Journal three = new Journal(3, JOURNAL.settings());
        try (ResultFile out = ResultFile.open(file, three, false, false)) {
            out.write(bytes("a1\na2\na3\nb1\nb2\n"));
        }
        try (ResultFile out = ResultFile.open(file, three, true, false)) {
            assertEquals(1, out.present());
            out.finish();
        }
        assertEquals("a1\na2\na3\n", Files.readString(file));
    }

    @Test
    void resumingNothingStartsAtTheBeginning() throws IOException {
        try (ResultFile out = ResultFile.open(file, JOURNAL, true, false)) {
            assertEquals(0, out.present());
            out.finish();
        }
        assertEquals("", Files.readString(file));
    }

    @Test
    void aPartialFileIsNeitherLostNorTakenUnasked() throws IOException {
        try (ResultFile out = ResultFile.open(file, JOURNAL, false, false)) {
            out.write(bytes("eins\n"));
        }
        UserException e = assertThrows(UserException.class, () -> ResultFile.open(file, JOURNAL, false, false));
        assertTrue(e.getMessage().contains("--resume") && e.getMessage().contains("--overwrite"), e.getMessage());
        assertEquals("eins\n", Files.readString(partial));
        try (ResultFile out = ResultFile.open(file, JOURNAL, false, true)) {
            assertEquals(0, out.present());
            out.finish();
        }
        assertEquals("", Files.readString(file));
    }

    @Test
    void anotherInputOrOptionIsRefusedByName() throws IOException {
        try (ResultFile out = ResultFile.open(file, JOURNAL, false, false)) {
            out.write(bytes("eins\n"));
        }
        Journal other = new Journal(1, Map.of("input", "abc", "--num-beams", "1"));
        UserException e = assertThrows(UserException.class, () -> ResultFile.open(file, other, true, false));
        assertTrue(e.getMessage().contains("--num-beams was 4 and is 1"), e.getMessage());
        Journal more = new Journal(1, Map.of("input", "abc", "--num-beams", "4", "--top-k", "5"));
        UserException added = assertThrows(UserException.class, () -> ResultFile.open(file, more, true, false));
        assertTrue(added.getMessage().contains("--top-k was not given and is 5"), added.getMessage());
        assertEquals("eins\n", Files.readString(partial));
    }

    @Test
    void aMissingOrDamagedJournalIsRefused() throws IOException {
        try (ResultFile out = ResultFile.open(file, JOURNAL, false, false)) {
            out.write(bytes("eins\n"));
        }
        Path journal = folder.resolve("out.txt.partial.json");
        for (String damaged : List.of("", "{", "[]", "null", "{\"gyre_journal\":2}", "{\"settings\":3}")) {
            Files.writeString(journal, damaged);
            UserException e =
                    assertThrows(UserException.class, () -> ResultFile.open(file, JOURNAL, true, false), damaged);
            assertTrue(e.getMessage().contains("--overwrite"), e.getMessage());
        }
        Files.delete(journal);
        assertThrows(UserException.class, () -> ResultFile.open(file, JOURNAL, true, false));
        assertEquals("eins\n", Files.readString(partial));
    }

    @Test
    void twoWritersAreOneTooMany() throws IOException {
        try (ResultFile out = ResultFile.open(file, JOURNAL, false, false)) {
            out.write(bytes("eins\n"));
            UserException e = assertThrows(UserException.class, () -> ResultFile.open(file, JOURNAL, true, false));
            assertTrue(e.getMessage().contains("another process"), e.getMessage());
            out.write(bytes("zwei\n"));
            out.finish();
        }
        assertEquals("eins\nzwei\n", Files.readString(file));
    }

    /** It has its lock, and has not come to writing anything yet. */
    @Test
    void theEmptyFileOfAnotherWriterStays() throws IOException {
        try (FileChannel other = FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            assertNotNull(other.tryLock());
            UserException e = assertThrows(UserException.class, () -> ResultFile.open(file, JOURNAL, false, false));
            assertTrue(e.getMessage().contains("another process"), e.getMessage());
            assertEquals(List.of("out.txt.partial"), left());
        }
    }

    @Test
    void whatIsRenamedBeforeItIsLockedIsNotTouched() throws IOException {
        Files.writeString(partial, "whole\n");
        boolean[] renamed = {false};
        try (FileChannel channel = LockedFile.open(partial, () -> {
            try {
                if (!renamed[0]) {
                    Files.move(partial, file);
                    renamed[0] = true;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        })) {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(bytes("mine\n")));
        }
        assertEquals("whole\n", Files.readString(file));
        assertEquals("mine\n", Files.readString(partial));
    }

    @Test
    void aLinkToNowhereIsAnError() throws IOException {
        Files.createSymbolicLink(partial, folder.resolve("nowhere"));
        assertThrows(UserException.class, () -> ResultFile.open(file, JOURNAL, false, false));
    }

    @Test
    void whatCannotBeContinuedLeavesAloneWhatCan() throws IOException {
        try (ResultFile out = ResultFile.open(file, JOURNAL, false, false)) {
            out.write(bytes("eins\n"));
        }
        Files.writeString(folder.resolve("out.txt.unfinished"), "of a run that was killed\n");
        try (ResultFile out = ResultFile.anew(file)) {
            assertThrows(UserException.class, () -> ResultFile.anew(file));
            out.write(bytes("one\n"));
            assertFalse(out.interrupt().contains("--resume"));
        }
        try (ResultFile out = ResultFile.anew(file)) {
            out.write(bytes("two\n"));
            out.finish();
        }
        assertEquals("two\n", Files.readString(file));
        assertEquals(List.of("out.txt", "out.txt.partial", "out.txt.partial.json"), left());
        assertEquals("eins\n", Files.readString(partial));
    }

    @Test
    void nothingIsWrittenAfterAnInterruption() throws IOException {
        try (ResultFile out = ResultFile.open(file, JOURNAL, false, false)) {
            out.write(bytes("eins\n"));
            assertTrue(out.interrupt().contains("1 sentences are kept"));
            assertThrows(InterruptedOutputException.class, () -> out.write(bytes("zwei\n")));
            assertThrows(InterruptedOutputException.class, out::finish);
        }
        assertEquals("eins\n", Files.readString(partial));
    }

    @Test
    void aPlaceThatDoesNotExistIsNamed() {
        Path nowhere = folder.resolve("no/out.txt");
        UserException e = assertThrows(UserException.class, () -> ResultFile.open(nowhere, JOURNAL, false, false));
        assertTrue(e.getMessage().contains("there is no folder " + folder.resolve("no")), e.getMessage());
        assertThrows(UserException.class, () -> ResultFile.open(folder, JOURNAL, false, false));
    }

    @Test
    void aLinkStaysALink() throws IOException {
        Path target = Files.writeString(folder.resolve("target.txt"), "old\n");
        Path link = Files.createSymbolicLink(folder.resolve("link.txt"), target);
        try (ResultFile out = ResultFile.open(link, JOURNAL, false, false)) {
            out.write(bytes("new\n"));
            out.finish();
        }
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("new\n", Files.readString(target));
    }
}
