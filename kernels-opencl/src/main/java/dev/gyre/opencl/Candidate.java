package dev.gyre.opencl;

import dev.gyre.backend.DeviceOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Settings that are tried together: the same for products of every shape, but for those that a tuner found before.
 *
 * @param int8 whether products are of int8, whose panels and tiles are given
 * @param settings of classes that have none of their own
 * @param linear of classes that have
 */
record Candidate(boolean int8, int panel, int width, LinearSettings settings, Map<ShapeClass, LinearSettings> linear) {

    /** Floats of a vector. */
    static final int AVX2 = 8;

    static final int AVX512 = 16;

    private static final Set<String> TUNED = new Candidate(false, 16, 8, new LinearSettings(6, 6, 4096, 0, 64, 8))
            .tuning()
            .keySet();

    Candidate {
        linear = Map.copyOf(linear);
        // What a tuner wrote is the same for every class where nothing was better for some.
        if (linear.keySet().containsAll(ShapeClass.ALL)
                && Set.copyOf(linear.values()).size() == 1) {
            settings = linear.values().iterator().next();
            linear = Map.of();
        }
    }

    Candidate(boolean int8, int panel, int width, LinearSettings settings) {
        this(int8, panel, width, settings, Map.of());
    }

    /** As a device takes them; those by class it takes as {@link #tuned} ones. */
    Map<String, String> tuning() {
        Map<String, String> tuning = new HashMap<>();
        tuning.put("opencl.tune", "off");
        if (!linear.isEmpty()) {
            return tuning;
        }
        tuning.put("opencl.panel", Integer.toString(panel));
        tuning.put("opencl.width", Integer.toString(width));
        settings.byName().forEach((name, value) -> tuning.put("opencl." + name, value.toString()));
        return tuning;
    }

    /** The options with the settings of this candidate instead of theirs. */
    DeviceOptions given(DeviceOptions options) {
        Map<String, String> all = new HashMap<>(untuned(options).tuning());
        all.putAll(tuning());
        return options.withTuning(all);
    }

    /** The options without what a tuner looks for, and without its file. */
    static DeviceOptions untuned(DeviceOptions options) {
        Map<String, String> rest = new HashMap<>(options.tuning());
        TUNED.forEach(rest::remove);
        rest.put("opencl.tune", "off");
        return options.withTuning(rest);
    }

    static Candidate of(Tuning tuning) {
        return new Candidate(tuning.packing().int8(), tuning.panel(), tuning.width(), tuning.base(), tuning.linear());
    }

    LinearSettings settings(ShapeClass shape) {
        return linear.getOrDefault(shape, settings);
    }

    /** What a device takes beside {@link #tuning}. */
    Optional<TunedKernels> tuned() {
        return linear.isEmpty() ? Optional.empty() : Optional.of(new TunedKernels(panel, width, linear));
    }

    private Candidate with(Map<String, Integer> changed) {
        return new Candidate(
                int8,
                changed.getOrDefault("panel", panel),
                changed.getOrDefault("width", width),
                settings.with(changed));
    }

    /** Panels and tiles to try after this one, the likelier first. */
    List<Candidate> tiles(boolean cpu, int lanes) {
        if (int8) {
            return List.of();
        }
        int[][] tiles;
        if (!cpu) {
            tiles = new int[][] {{64, 64}, {64, 32}, {32, 64}, {128, 64}, {128, 128}, {64, 128}, {32, 32}};
        } else if (lanes < AVX512) {
            tiles = new int[][] {{16, 6}, {16, 4}, {32, 4}, {16, 8}, {32, 6}, {16, 5}, {16, 12}};
        } else {
            tiles = new int[][] {{64, 6}, {32, 12}, {48, 8}, {32, 14}, {64, 4}, {32, 6}};
        }
        List<Candidate> candidates = new ArrayList<>();
        for (int[] tile : tiles) {
            candidates.add(with(Map.of("panel", tile[0], "tile", tile[1], "block", cpu ? tile[1] : settings.block())));
        }
        candidates.remove(this);
        return candidates;
    }

    /** What else can be tried with this panel and tile. */
    List<Candidate> variations(boolean cpu) {
        List<Candidate> candidates = new ArrayList<>();
        if (int8) {
            candidates.add(with(Map.of("block", 8)));
            candidates.add(with(Map.of("block", 2)));
            candidates.add(with(Map.of("ahead", 16)));
            candidates.add(with(Map.of("ahead", 256)));
            candidates.add(with(Map.of("block", 16)));
            candidates.add(with(Map.of("width", 8)));
            candidates.add(with(Map.of("width", 4)));
            candidates.add(with(Map.of("width", 16)));
        } else if (cpu) {
            int tile = settings.tile();
            candidates.add(with(Map.of("ahead", 16)));
            candidates.add(with(Map.of("ahead", 256)));
            candidates.add(with(Map.of("width", 8)));
            candidates.add(with(Map.of("block", 16 * tile, "depth", 256)));
            candidates.add(with(Map.of("block", 4 * tile)));
            candidates.add(with(Map.of("block", 16 * tile, "depth", 1024)));
            if (settings.prefetch() > 0) {
                candidates.add(with(Map.of("prefetch", 3)));
                candidates.add(with(Map.of("prefetch", 0)));
            }
            candidates.add(with(Map.of("width", 4)));
            candidates.add(with(Map.of("width", 16)));
        } else {
            candidates.add(with(Map.of("few", 4)));
            candidates.add(with(Map.of("few", 16)));
        }
        candidates.remove(this);
        return candidates;
    }

    /** This panel and tile with all that can be tried beside them as far as it goes, both ways. */
    List<Candidate> extremes(boolean cpu) {
        if (int8) {
            return List.of(with(Map.of("block", 2, "ahead", 16)), with(Map.of("block", 16, "ahead", 256)));
        }
        if (!cpu) {
            return List.of(with(Map.of("few", 4)), with(Map.of("few", 16)));
        }
        int tile = settings.tile();
        int prefetch = settings.prefetch() > 0 ? 3 : 0;
        return List.of(
                with(Map.of("block", tile, "depth", 4096, "ahead", 16, "prefetch", 0)),
                with(Map.of("block", 16 * tile, "depth", 256, "ahead", 256, "prefetch", prefetch)));
    }

    @Override
    public String toString() {
        if (!linear.isEmpty()) {
            return "panel " + panel + ", width " + width + ", what was found before for " + linear.size()
                    + " classes of shapes";
        }
        return "panel " + panel + ", tile " + settings.tile() + ", block " + settings.block() + ", depth "
                + settings.depth() + ", prefetch " + settings.prefetch() + ", ahead " + settings.ahead() + ", few "
                + settings.few() + ", width " + width;
    }
}
