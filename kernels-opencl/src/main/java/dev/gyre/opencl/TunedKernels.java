package dev.gyre.opencl;

import java.util.Map;

/**
 * What a tuner found for one kind of kernels and one compute type.
 *
 * @param panel rows of a panel of weights, the same for all products as weights are packed once
 * @param width lanes of attention on CPUs at most
 * @param linear settings of products by class; a class that is not there has the built-in ones
 */
record TunedKernels(int panel, int width, Map<ShapeClass, LinearSettings> linear) {

    TunedKernels {
        linear = Map.copyOf(linear);
        requirePanel(panel);
        requireWidth(width);
    }

    static int requirePanel(int panel) {
        if (LinearSettings.within("panel", panel, 16, 128) % 16 != 0) {
            throw new IllegalArgumentException("panel is " + panel + "; it must be a multiple of 16");
        }
        return panel;
    }

    /** On CPUs vectors of a whole panel are read behind the end of what has {@link Packing#PAD} floats more. */
    static int requirePanel(int panel, boolean cpu) {
        return cpu ? LinearSettings.within("panel", requirePanel(panel), 16, Packing.PAD) : requirePanel(panel);
    }

    static int requireWidth(int width) {
        if (Integer.bitCount(LinearSettings.within("width", width, 1, 16)) != 1) {
            throw new IllegalArgumentException("width is " + width + "; it must be 1, 2, 4, 8 or 16");
        }
        return width;
    }
}
