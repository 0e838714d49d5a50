package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassedTrialsTest {

    @TempDir
    Path folder;

    private int made;

    private Optional<String> fault(String key, Optional<String> result) {
        // A note is read again each time, as another process would.
        return new PassedTrials(new ProgramCache(folder)).fault(ProgramCache.key(key), () -> {
            made++;
            return result;
        });
    }

    @Test
    void whatWasRightIsNotTriedAgain() {
        assertEquals(Optional.empty(), fault("a", Optional.empty()));
        assertEquals(Optional.empty(), fault("a", Optional.of("would be wrong now")));
        assertEquals(1, made);
        assertEquals(Optional.of("other kernels"), fault("b", Optional.of("other kernels")));
    }

    @Test
    void whatWasWrongIsTriedAgain() {
        assertEquals(Optional.of("3 where it should have 4"), fault("a", Optional.of("3 where it should have 4")));
        assertEquals(Optional.empty(), fault("a", Optional.empty()));
        assertEquals(2, made);
    }

    @Test
    void aDamagedNoteIsNone() throws IOException {
        fault("a", Optional.empty());
        Files.write(new ProgramCache(folder).file(ProgramCache.key("a")), new byte[] {1, 2, 3});
        assertEquals(Optional.of("wrong"), fault("a", Optional.of("wrong")));
    }
}
