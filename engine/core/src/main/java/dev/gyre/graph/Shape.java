package dev.gyre.graph;

import java.util.List;
import java.util.stream.Collectors;

/** The axes of a dense, row-major tensor, outermost first. */
public record Shape(List<Size> axes) {

    public Shape {
        axes = List.copyOf(axes);
    }

    public static Shape of(Size... axes) {
        return new Shape(List.of(axes));
    }

    public static Shape of(Size rows, int columns) {
        return of(rows, Size.of(columns));
    }

    public static Shape of(int rows, int columns) {
        return of(Size.of(rows), Size.of(columns));
    }

    public static Shape vector(int length) {
        return of(Size.of(length));
    }

    /** The first axis. */
    public Size rows() {
        return axes.getFirst();
    }

    /** Elements in one step of the first axis, every further axis at its limit: 1 for a vector. */
    public int columns() {
        return Math.toIntExact(axes.stream().skip(1).mapToLong(Size::limit).reduce(1, Math::multiplyExact));
    }

    /** Elements if every axis is at its limit. */
    public long limit() {
        return axes.stream().mapToLong(Size::limit).reduce(1, Math::multiplyExact);
    }

    @Override
    public String toString() {
        return axes.stream().map(Object::toString).collect(Collectors.joining(", ", "[", "]"));
    }
}
