package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.DeviceException;
import dev.gyre.opencl.Trial.Point;
import dev.gyre.opencl.Trial.Product;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** The search, with times that are made up. */
class TunerTest {

    private static final Candidate FIRST = new Candidate(false, 16, 16, new LinearSettings(6, 6, 4096, 2, 64, 8));
    private static final Product ONE = new Product(512, 512, 1);
    private static final Product MANY = new Product(512, 512, 768);
    private static final List<Point> POINTS = List.of(ONE, MANY, new Trial.Attention(64));

    private final List<Candidate> timed = new ArrayList<>();
    private final List<TunedKernels> kept = new ArrayList<>();
    private final List<String> said = new ArrayList<>();

    /** Wrong where the tile is 5, without a program where it is 8. */
    private record Fake(Candidate candidate, Point[] last, ToDoubleFunction<Candidate> seconds, List<Candidate> timed)
            implements Trial {

        @Override
        public Optional<String> fault() {
            return candidate.settings().tile() == 5 ? Optional.of("2 where it should have 3") : Optional.empty();
        }

        @Override
        public double seconds(Point point) {
            last[0] = point;
            timed.add(candidate);
            return seconds.applyAsDouble(candidate);
        }

        @Override
        public void close() {}
    }

    private Optional<TunedKernels> tune(int most, Point[] point, ToDoubleFunction<Candidate> seconds) {
        int[] opened = {0};
        return new Tuner(
                        c -> {
                            opened[0]++;
                            if (c.settings().tile() == 8) {
                                throw new DeviceException("it does not compile");
                            }
                            return new Fake(c, point, seconds, timed);
                        },
                        POINTS,
                        () -> opened[0] >= most,
                        said::add)
                .run(FIRST, true, Candidate.AVX2, kept::add);
    }

    private static LinearSettings of(TunedKernels kernels, Product product) {
        return kernels.linear().get(product.shape());
    }

    @Test
    void aWrongCandidateIsNeverTimedHoweverFast() {
        TunedKernels found = tune(1000, new Point[1], c -> c.settings().tile() == 5 ? 0.001 : 1)
                .orElseThrow();
        assertTrue(timed.stream().noneMatch(c -> c.settings().tile() == 5), timed.toString());
        assertEquals(FIRST.settings(), of(found, ONE));
        assertTrue(said.stream().anyMatch(s -> s.startsWith("rejected") && s.contains("2 where it should have 3")));
        assertTrue(said.stream().anyMatch(s -> s.startsWith("rejected") && s.contains("it does not compile")));
    }

    @Test
    void eachClassHasItsOwn() {
        Point[] point = new Point[1];
        TunedKernels found = tune(1000, point, c -> {
                    boolean four = c.settings().tile() == 4 && c.panel() == 16;
                    return point[0] == MANY && four ? 0.5 : point[0] == ONE && four ? 1.01 : 1;
                })
                .orElseThrow();
        assertEquals(4, of(found, MANY).tile());
        assertEquals(16, found.panel());
    }

    @Test
    void int8HasPanelsOfAWorkItemButNoTiles() {
        Candidate first = new Candidate(true, 16, 8, new LinearSettings(6, 4, 4096, 2, 64, 8));
        assertEquals(List.of(), first.tiles(true, Candidate.AVX2));
        List<Candidate> variations = first.variations(true);
        assertTrue(
                variations.stream().allMatch(c -> c.settings().tile() == 6 && c.panel() == 16), variations::toString);
        variations.forEach(c -> c.settings().requireForInt8());
        assertTrue(variations.stream().anyMatch(c -> c.settings().block() == 2), variations::toString);
        assertFalse(variations.contains(first));
    }

    @Test
    void aPanelIsOneForAllShapes() {
        TunedKernels found =
                tune(1000, new Point[1], c -> c.panel() == 32 ? 0.5 : 1).orElseThrow();
        assertEquals(32, found.panel());
    }

    @Test
    void whatIsHardlyFasterIsNotTaken() {
        TunedKernels found = tune(1000, new Point[1], c -> c.equals(FIRST) ? 1 : 1 - Tuner.CLEARLY / 2)
                .orElseThrow();
        assertEquals(new TunedKernels(16, 16, found.linear()), found);
        assertTrue(found.linear().values().stream().allMatch(FIRST.settings()::equals), found.toString());
    }

    @Test
    void whereTheTimeIsOverTheBestSoFarStays() {
        TunedKernels found =
                tune(2, new Point[1], c -> c.settings().tile() == 4 ? 0.5 : 1).orElseThrow();
        assertEquals(4, of(found, ONE).tile());
        assertEquals(Optional.of(found), Optional.of(kept.getLast()));
        assertEquals("the time is over", said.getLast());
    }

    @Test
    void withoutTimeWhatIsTakenAnywayIsFound() {
        TunedKernels found = tune(0, new Point[1], _ -> 1).orElseThrow();
        assertEquals(FIRST.settings(), of(found, ONE));
        assertEquals(1, kept.size());
    }

    @Test
    void whereNothingIsRightNothingIsFound() {
        Optional<TunedKernels> found = new Tuner(
                        c -> {
                            throw new DeviceException("it does not compile");
                        },
                        POINTS,
                        () -> false,
                        said::add)
                .run(FIRST, true, Candidate.AVX2, kept::add);
        assertFalse(found.isPresent());
        assertTrue(kept.isEmpty());
    }
}
