package dev.gyre.weights;

import static dev.gyre.weights.Failures.assertOneLine;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonTest {

    @TempDir
    Path folder;

    @Test
    void aFileThatIsEmptyOrCutOffSaysSo() throws IOException {
        Path file = Files.createFile(folder.resolve("config.json"));
        assertOneLine(() -> Json.read(file), "config.json", "is empty", "Download it again");
        Files.writeString(file, "{\"a\": [1, 2");
        assertOneLine(() -> Json.readObject(file), "config.json", "line 1, column", "Unexpected end-of-input");
        String message =
                assertThrows(ModelFormatException.class, () -> Json.read(file)).getMessage();
        assertFalse(message.contains("Source"), message);
        assertOneLine(() -> Json.read(folder.resolve("none.json")), "none.json", "there is no file");
    }

    @Test
    void aFileThatCannotBeReadSaysWhy() {
        Path file = Path.of("m", "vocab.txt");
        assertEquals("there is no file m/vocab.txt", message(file, new NoSuchFileException("m/vocab.txt")));
        assertEquals(
                "cannot read m/vocab.txt: permission denied", message(file, new AccessDeniedException("m/vocab.txt")));
        assertEquals("m/vocab.txt is not UTF-8 text", message(file, new MalformedInputException(1)));
        assertEquals(
                "cannot read m/vocab.txt: Is a directory",
                message(file, new FileSystemException("m/vocab.txt", null, "Is a directory")));
        assertEquals(
                "cannot read m/vocab.txt: Input/output error", message(file, new IOException("Input/output error")));
    }

    private static String message(Path file, IOException cause) {
        return ModelFormatException.unreadable(file, cause).getMessage();
    }
}
