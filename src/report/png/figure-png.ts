import { runError } from '../../errors.ts';

/** Pixels of the image to one of the drawing. */
const SCALE = 2;

/**
 * An SVG image as PNG, at twice its size.
 *
 * @throws runError where the library for it is not installed: it is an optional one, 35 MB
 */
export async function figurePng(svg: string): Promise<Uint8Array> {
  const { createCanvas, loadImage } = await import('@napi-rs/canvas').catch((error: unknown) => {
    throw runError(
      'a report as PNG needs the package @napi-rs/canvas, which is not installed: npm install @napi-rs/canvas, or use ' +
        '--format svg',
      error,
    );
  });
  const image = await loadImage(Buffer.from(svg));
  const canvas = createCanvas(SCALE * image.width, SCALE * image.height);
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.encode('png');
}
