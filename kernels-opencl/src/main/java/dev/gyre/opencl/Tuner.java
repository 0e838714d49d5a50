package dev.gyre.opencl;

import dev.gyre.backend.DeviceException;
import dev.gyre.opencl.Trial.Point;
import dev.gyre.opencl.Trial.Product;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the best settings: panels and tiles first, then for the best panel what else there is. A candidate that
 * cannot be built or is wrong is thrown away before it is timed; one that is not clearly faster than what stands there
 * is not taken, as timings drift.
 */
final class Tuner {

    /** How much of the time a candidate must save. */
    static final double CLEARLY = 0.05;

    /** What is said of an entry that is there and wrong. */
    static final String DROPPED = "what was found before is dropped: ";

    private static final int TURNS = 3;

    private final Function<Candidate, Trial> trials;
    private final List<Point> points;
    private final BooleanSupplier enough;
    private final Consumer<String> progress;
    private final Map<Candidate, Map<Point, Double>> measured = new LinkedHashMap<>();
    /** The first candidate that was right. */
    private @Nullable Trial yardstick;

    private Optional<TunedKernels> best = Optional.empty();

    /**
     * @param trials opens a candidate, or throws a {@link DeviceException} if it cannot be built
     * @param enough whether no further candidate is to be tried
     */
    Tuner(Function<Candidate, Trial> trials, List<Point> points, BooleanSupplier enough, Consumer<String> progress) {
        this.trials = trials;
        this.points = List.copyOf(points);
        this.enough = enough;
        this.progress = progress;
    }

    /**
     * @param there what was found before; it is first where it is right, and others have to beat it
     * @param builtIn what the device takes without a tuner
     * @param keep takes what is best so far, whenever that changes; not what is there
     * @return empty if no candidate was right
     */
    Optional<TunedKernels> run(
            Optional<Candidate> there, Candidate builtIn, boolean cpu, int lanes, Consumer<TunedKernels> keep) {
        try {
            there.ifPresent(this::begin);
            Set<Candidate> tiles = new LinkedHashSet<>(List.of(builtIn));
            tiles.addAll(builtIn.tiles(cpu, lanes));
            if (tryAll(tiles, keep)) {
                Optional<Candidate> varied = fastest(tiles);
                if (varied.isPresent()) {
                    tryAll(varied.get().variations(cpu), keep);
                }
            }
            return best;
        } finally {
            if (yardstick != null) {
                yardstick.close();
            }
        }
    }

    private void begin(Candidate there) {
        measure(there, DROPPED);
        if (!measured.isEmpty()) {
            best = Optional.of(choice());
        }
    }

    /** Of the tiles of the best panel, those with nothing else changed: what is tested is what can be chosen. */
    private Optional<Candidate> fastest(Set<Candidate> tiles) {
        if (measured.isEmpty()) {
            return Optional.empty();
        }
        List<Candidate> all = ofPanel(panel()).stream().filter(tiles::contains).toList();
        return all.isEmpty() ? Optional.empty() : Optional.of(fastest(all, products()));
    }

    /** False where the time is over. */
    private boolean tryAll(Collection<Candidate> candidates, Consumer<TunedKernels> keep) {
        for (Candidate candidate : candidates) {
            // What the device takes anyway is measured in any case.
            if (!measured.isEmpty() && enough.getAsBoolean()) {
                progress.accept("the time is over");
                return false;
            }
            if (measured.containsKey(candidate)) {
                continue;
            }
            measure(candidate, "rejected: ");
            if (!measured.isEmpty()) {
                TunedKernels now = choice();
                if (!best.equals(Optional.of(now))) {
                    best = Optional.of(now);
                    keep.accept(now);
                }
            }
        }
        return true;
    }

    private void measure(Candidate candidate, String refusal) {
        Trial trial = null;
        try {
            trial = trials.apply(candidate);
            Optional<String> fault = trial.fault();
            if (fault.isPresent()) {
                progress.accept(refusal + candidate + ": " + fault.get());
                return;
            }
            if (yardstick == null) {
                yardstick = trial;
            }
            Map<Point, Double> parts = new HashMap<>();
            for (Point point : points) {
                if (trial != yardstick && enough.getAsBoolean()) {
                    progress.accept("left half measured: " + candidate);
                    return;
                }
                parts.put(point, part(trial, yardstick, point));
            }
            measured.put(candidate, parts);
            progress.accept(String.format(
                    Locale.ROOT,
                    "%.2f of the time of the first: %s",
                    relative(candidate, products(), measured.keySet().iterator().next()),
                    candidate));
        } catch (DeviceException e) {
            progress.accept(refusal + candidate + ": " + e.getMessage());
        } finally {
            if (trial != null && trial != yardstick) {
                trial.close();
            }
        }
    }

    /**
     * The time as a part of the yardstick's. Other work on a machine comes and goes, so the two take turns, and the least
     * of each counts.
     */
    private static double part(Trial trial, Trial yardstick, Point point) {
        if (trial == yardstick) {
            return 1;
        }
        double time = Double.POSITIVE_INFINITY;
        double other = Double.POSITIVE_INFINITY;
        for (int turn = 0; turn < TURNS; turn++) {
            other = Math.min(other, yardstick.seconds(point));
            time = Math.min(time, trial.seconds(point));
        }
        return time / other;
    }

    private List<Point> products() {
        return points.stream().filter(Product.class::isInstance).toList();
    }

    /** The geometric mean of a candidate's times as parts of another's. */
    private double relative(Candidate candidate, List<Point> over, Candidate other) {
        return Math.exp(over.stream()
                .mapToDouble(p -> Math.log(
                        measured.get(candidate).get(p) / measured.get(other).get(p)))
                .average()
                .orElse(0));
    }

    /** Of these the fastest, but the first where no other is clearly faster than it. */
    private Candidate fastest(List<Candidate> of, List<Point> over) {
        Candidate fastest = of.getFirst();
        double least = 1 - CLEARLY;
        for (Candidate candidate : of) {
            double relative = relative(candidate, over, of.getFirst());
            if (relative < least) {
                least = relative;
                fastest = candidate;
            }
        }
        return fastest;
    }

    private int panel() {
        return fastest(List.copyOf(measured.keySet()), products()).panel();
    }

    private List<Candidate> ofPanel(int panel) {
        return measured.keySet().stream().filter(c -> c.panel() == panel).toList();
    }

    private TunedKernels choice() {
        int panel = panel();
        // What stands there comes before the others, so that a class leaves it only for what is clearly faster.
        Candidate first = measured.keySet().iterator().next();
        Candidate stands = first.panel() == panel ? first : fastest(ofPanel(panel), products());
        Set<Candidate> order = new LinkedHashSet<>(List.of(stands));
        order.addAll(ofPanel(panel));
        List<Candidate> candidates = List.copyOf(order);
        Map<ShapeClass, LinearSettings> linear = new HashMap<>();
        ShapeClass.ALL.forEach(shape -> linear.put(shape, stands.settings(shape)));
        for (ShapeClass shape : shapes()) {
            List<Point> over = points.stream()
                    .filter(p -> p instanceof Product product && product.shape().equals(shape))
                    .toList();
            linear.put(shape, fastest(candidates, over).settings(shape));
        }
        List<Point> attention =
                points.stream().filter(Trial.Attention.class::isInstance).toList();
        return new TunedKernels(
                panel, fastest(List.copyOf(measured.keySet()), attention).width(), linear);
    }

    private List<ShapeClass> shapes() {
        return points.stream()
                .filter(Product.class::isInstance)
                .map(p -> ((Product) p).shape())
                .distinct()
                .toList();
    }
}
