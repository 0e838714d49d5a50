package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.DeviceException;
import dev.gyre.opencl.Trial.Point;
import dev.gyre.opencl.Trial.Product;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    private Optional<Candidate> there = Optional.empty();

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
                .run(there, FIRST, true, Candidate.AVX2, kept::add);
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
                tune(3, new Point[1], c -> c.settings().tile() == 4 ? 0.5 : 1).orElseThrow();
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

    /** Where many rows have another tile than one. */
    private static Candidate earlier(int tile) {
        Map<ShapeClass, LinearSettings> linear = new HashMap<>();
        ShapeClass.ALL.forEach(shape -> linear.put(
                shape,
                shape.rows() == ShapeClass.Rows.ONE
                        ? FIRST.settings()
                        : new LinearSettings(tile, tile, 4096, 2, 64, 8)));
        return new Candidate(false, 16, 8, FIRST.settings(), linear);
    }

    @Test
    void whatIsThereStaysWhereNothingIsClearlyFaster() {
        there = Optional.of(earlier(4));
        for (int most : new int[] {0, 1, 2, 1000}) {
            TunedKernels found = tune(most, new Point[1], c -> c.equals(earlier(4)) ? 1 : 1 - Tuner.CLEARLY / 2)
                    .orElseThrow();
            assertEquals(earlier(4).tuned(), Optional.of(found));
            assertEquals(List.of(), kept);
        }
    }

    @Test
    void whatIsThereGivesWayToWhatIsClearlyFaster() {
        there = Optional.of(earlier(4));
        Point[] point = new Point[1];
        TunedKernels found = tune(
                        1000,
                        point,
                        c -> point[0] == MANY && c.panel() == 16 && c.settings().tile() == 12 ? 0.5 : 1)
                .orElseThrow();
        assertEquals(12, of(found, MANY).tile());
        assertEquals(6, of(found, ONE).tile());
        assertEquals(8, found.width());
        ShapeClass unmeasured = ShapeClass.of(ShapeClass.Rows.FEW, 32000, 512);
        assertEquals(4, found.linear().get(unmeasured).tile());
        assertEquals(List.of(found), kept);
    }

    @Test
    void whatIsThereAndWrongIsDroppedInALine() {
        Candidate wrong = new Candidate(false, 16, 8, new LinearSettings(5, 5, 4096, 2, 64, 8));
        Candidate unbuilt = new Candidate(false, 16, 8, new LinearSettings(8, 8, 4096, 2, 64, 8));
        for (Candidate bad : List.of(wrong, unbuilt)) {
            there = Optional.of(bad);
            said.clear();
            kept.clear();
            TunedKernels found = tune(0, new Point[1], _ -> 1).orElseThrow();
            assertEquals(FIRST.settings(), of(found, ONE));
            assertEquals(List.of(found), kept);
            assertEquals(
                    1, said.stream().filter(s -> s.startsWith(Tuner.DROPPED)).count(), said.toString());
        }
    }

    /** What the tests of conformance go through is each tile with one thing changed. */
    @Test
    void nothingIsChosenThatIsNotATileWithOneThingChanged() {
        Set<Candidate> known = new HashSet<>();
        List<Candidate> tiles = new ArrayList<>(FIRST.tiles(true, Candidate.AVX2));
        tiles.add(FIRST);
        for (Candidate tile : tiles) {
            known.add(tile);
            known.addAll(tile.variations(true));
        }
        // What was found before is a variation, and has the best panel.
        Candidate before = new Candidate(false, 32, 8, new LinearSettings(4, 64, 256, 2, 64, 8));
        there = Optional.of(before);
        tune(1000, new Point[1], c -> c.equals(before) ? 0.1 : c.panel() == 32 ? 0.5 : 1);
        assertTrue(timed.stream().anyMatch(c -> c.panel() == 32 && c.settings().ahead() == 256), timed.toString());
        timed.removeIf(before::equals);
        assertTrue(known.containsAll(timed), timed.toString());
    }

    @Test
    void theLimitEndsACandidateThatIsBeingTimed() {
        int[] looks = {0};
        Optional<TunedKernels> found = new Tuner(
                        c -> new Fake(c, new Point[1], _ -> 1, timed), POINTS, () -> ++looks[0] > 2, said::add)
                .run(Optional.empty(), FIRST, true, Candidate.AVX2, kept::add);
        assertEquals(FIRST.settings(), of(found.orElseThrow(), ONE));
        assertEquals(2 * 3, timed.size(), "three turns of a single point");
        assertEquals("the time is over", said.getLast());
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
                .run(Optional.empty(), FIRST, true, Candidate.AVX2, kept::add);
        assertFalse(found.isPresent());
        assertTrue(kept.isEmpty());
    }
}
