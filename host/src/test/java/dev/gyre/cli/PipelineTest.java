package dev.gyre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.decoding.NoTokenException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PipelineTest {

    private static LineReader lines(String text) {
        return new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "input");
    }

    @Test
    void resultsComeInTheOrderOfTheLines() throws Exception {
        StringBuilder text = new StringBuilder();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            text.append(i).append('\n');
            expected.add(i + "!");
        }
        List<String> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            new Pipeline<String>(
                            lines(text.toString()),
                            l -> CompletableFuture.supplyAsync(
                                    () -> {
                                        for (int i = ThreadLocalRandom.current().nextInt(200); i > 0; i--) {
                                            Thread.onSpinWait();
                                        }
                                        return l.text() + "!";
                                    },
                                    threads))
                    .run((_, r) -> results.add(r));
        }
        assertEquals(expected, results);
    }

    @Test
    void whatIsUnderWayIsBounded() throws Exception {
        AtomicLong read = new AtomicLong();
        AtomicLong written = new AtomicLong();
        AtomicLong most = new AtomicLong();
        long lines = 200_000;
        InputStream endless = new InputStream() {
            private long bytes;

            @Override
            public int read() {
                return bytes == 10 * lines ? -1 : ++bytes % 10 == 0 ? '\n' : 'x';
            }
        };
        new Pipeline<String>(new LineReader(endless, "input"), l -> {
                    most.accumulateAndGet(read.incrementAndGet() - written.get(), Math::max);
                    return CompletableFuture.completedFuture(l.text());
                })
                .run((_, _) -> written.incrementAndGet());
        assertEquals(lines, written.get());
        assertTrue(most.get() <= (1 << 20) / 64, "under way: " + most);
    }

    @Test
    void aResultIsWrittenBeforeTheNextLineIsThere() throws Exception {
        PipedOutputStream typed = new PipedOutputStream();
        LineReader in = new LineReader(new PipedInputStream(typed), "terminal");
        LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
        Thread person = Thread.ofPlatform().start(() -> {
            try (typed) {
                for (String word : List.of("eins", "zwei", "drei")) {
                    typed.write((word + "\n").getBytes(StandardCharsets.UTF_8));
                    typed.flush();
                    assertEquals(word, seen.take());
                }
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        new Pipeline<String>(in, l -> CompletableFuture.completedFuture(l.text())).run((_, r) -> seen.add(r));
        person.join();
        assertTrue(seen.isEmpty());
    }

    @Test
    void whatCameBeforeABadLineIsWritten() {
        List<String> results = new ArrayList<>();
        UserException e = assertThrows(
                UserException.class,
                () -> new Pipeline<String>(lines("a\nb\nbad\nc\n"), l -> {
                            if (l.text().equals("bad")) {
                                throw new IllegalArgumentException("too long");
                            }
                            return CompletableFuture.completedFuture(l.text());
                        })
                        .run((_, r) -> results.add(r)));
        assertEquals("input: line 3: too long", e.getMessage());
        assertEquals(List.of("a", "b"), results);
    }

    @Test
    void whatCameBeforeDamageIsWritten() {
        List<String> results = new ArrayList<>();
        byte[] text = {'a', '\n', (byte) 0xFF, '\n', 'c'};
        UserException e = assertThrows(
                UserException.class,
                () -> new Pipeline<String>(
                                new LineReader(new ByteArrayInputStream(text), "input"),
                                l -> CompletableFuture.completedFuture(l.text()))
                        .run((_, r) -> results.add(r)));
        assertTrue(e.getMessage().startsWith("input: line 2: byte 0xff"), e.getMessage());
        assertEquals(List.of("a"), results);
    }

    @Test
    void aFaultOfTheEngineIsNotTheLines() {
        ArithmeticException fault = new ArithmeticException("engine");
        assertEquals(
                fault,
                assertThrows(
                        ArithmeticException.class,
                        () -> new Pipeline<String>(lines("a\n"), _ -> CompletableFuture.failedFuture(fault))
                                .run((_, _) -> {})));
    }

    @Test
    void anInputThatFailsIsNamed() {
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Input/output error");
            }
        };
        UserException e = assertThrows(
                UserException.class,
                () -> new Pipeline<String>(
                                new LineReader(failing, "input"), l -> CompletableFuture.completedFuture(l.text()))
                        .run((_, _) -> {}));
        assertEquals("input: Input/output error", e.getMessage());
        assertInstanceOf(IOException.class, e.getCause());
    }

    @Test
    void aLineWithoutATokenIsNamed() {
        UserException e = assertThrows(
                UserException.class,
                () -> new Pipeline<String>(
                                lines("a\nb\n"),
                                l -> l.number() == 1
                                        ? CompletableFuture.completedFuture("A")
                                        : CompletableFuture.failedFuture(new NoTokenException("nothing is left")))
                        .run((_, _) -> {}));
        assertEquals("input: line 2: nothing is left", e.getMessage());
        assertEquals(ExitCode.MISTAKE, Failure.of(e).exitCode());
    }
}
