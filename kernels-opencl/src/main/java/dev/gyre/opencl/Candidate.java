package dev.gyre.opencl;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings that are tried together: the same for products of every shape.
 *
 * @param int8 whether products are of int8, whose panels and tiles are given
 */
record Candidate(boolean int8, int panel, int width, LinearSettings settings) {

    /** Floats of a vector. */
    static final int AVX2 = 8;

    static final int AVX512 = 16;

    /** As a device takes them. */
    Map<String, String> tuning() {
        Map<String, String> tuning = new HashMap<>();
        tuning.put("opencl.tune", "off");
        tuning.put("opencl.panel", Integer.toString(panel));
        tuning.put("opencl.width", Integer.toString(width));
        settings.byName().forEach((name, value) -> tuning.put("opencl." + name, value.toString()));
        return tuning;
    }

    static Candidate of(Tuning tuning) {
        return new Candidate(tuning.packing().int8(), tuning.panel(), tuning.width(), tuning.base());
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

    @Override
    public String toString() {
        return "panel " + panel + ", tile " + settings.tile() + ", block " + settings.block() + ", depth "
                + settings.depth() + ", prefetch " + settings.prefetch() + ", ahead " + settings.ahead() + ", few "
                + settings.few() + ", width " + width;
    }
}
