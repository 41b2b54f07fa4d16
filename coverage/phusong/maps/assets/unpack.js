"use strict";
/* Arrays as maps/explore.py packs them: differences along rows, byte by byte, deflated. */
(function (app) {
  const TYPES = { int8: Int8Array, uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };

  function bytesOf(text) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text); // of browsers since 2025, several times quicker
    const signs = atob(text);
    const packed = new Uint8Array(signs.length);
    for (let i = 0; i < packed.length; i += 1) packed[i] = signs.charCodeAt(i);
    return packed;
  }

  async function inflate(text) {
    const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  app.unpack = async function ({ dtype, length, width, data }) {
    const type = TYPES[dtype];
    const planes = await inflate(data);
    const read = { 1: single, 2: pairs }[type.BYTES_PER_ELEMENT] || many;
    return new type(read(planes, length, width, type.BYTES_PER_ELEMENT).buffer);
  };

  function single(bytes, length, width) {
    if (width) for (let row = 0; row < length; row += width) for (let i = row + 1; i < row + width; i += 1) bytes[i] += bytes[i - 1];
    return bytes;
  }

  function pairs(planes, length, width) {
    const whole = new Uint16Array(length);
    if (!width) for (let i = 0; i < length; i += 1) whole[i] = planes[i] | (planes[length + i] << 8);
    if (width) for (let row = 0; row < length; row += width) {
      let before = 0;
      for (let i = row; i < row + width; i += 1) {
        before += planes[i] | (planes[length + i] << 8);
        whole[i] = before;
      }
    }
    return whole;
  }

  function many(planes, length, width, size) {
    const bytes = new Uint8Array(length * size);
    for (let plane = 0; plane < size; plane += 1) for (let i = 0; i < length; i += 1) bytes[i * size + plane] = planes[plane * length + i];
    if (width) {
      const whole = new Uint32Array(bytes.buffer);
      for (let row = 0; row < length; row += width) for (let i = row + 1; i < row + width; i += 1) whole[i] += whole[i - 1];
    }
    return bytes;
  }
})(phusong);
